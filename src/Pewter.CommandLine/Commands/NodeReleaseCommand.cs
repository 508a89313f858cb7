using System.CommandLine;

namespace Pewter.CommandLine.Commands;

/// <summary><c>pewter node release</c>: ends what runs there and takes the nodes away; prints each that is gone.</summary>
internal sealed class NodeReleaseCommand : NodeControlCommand
{
    private readonly Argument<string[]> _nodes = NodeArguments.Nodes();
    private readonly Option<string[]> _query = NodeArguments.Query();

    public NodeReleaseCommand(CommandHost host)
        : base(host, "release", "End all that runs on nodes and take them away")
    {
        Add(_nodes);
        Add(_query);
    }

    protected override (IReadOnlyList<string> Directories, IReadOnlyList<string> Words) Line(CommandContext context) =>
        (NodeArguments.Paths(context.Value(_nodes), context.Value(_query)), ["release"]);
}
