using System.CommandLine;

namespace Pewter.CommandLine.Commands;

/// <summary><c>pewter node lease</c>: renews the lease of nodes.</summary>
internal sealed class NodeLeaseCommand : NodeControlCommand
{
    private readonly Argument<string> _length = new("TIME") { Description = "From now on, such as 10m; 'never' ends the lease and keeps the node" };
    private readonly Argument<string[]> _nodes = NodeArguments.Nodes();
    private readonly Option<string[]> _query = NodeArguments.Query();

    public NodeLeaseCommand(CommandHost host)
        : base(host, "lease", "Renew the lease of nodes")
    {
        Add(_length);
        Add(_nodes);
        Add(_query);
    }

    protected override (IReadOnlyList<string> Directories, IReadOnlyList<string> Words) Line(CommandContext context) =>
        (NodeArguments.Paths(context.Value(_nodes), context.Value(_query)), ["lease", context.Value(_length)!]);
}
