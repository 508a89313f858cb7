using System.CommandLine;

namespace Pewter.CommandLine.Commands;

/// <summary><c>pewter node checkpoint</c>: writes a running machine down under a name.</summary>
internal sealed class NodeCheckpointCommand : NodeControlCommand
{
    private readonly Argument<string> _node = NodeArguments.Node();
    private readonly Argument<string> _name = new("NAME") { Description = "The checkpoint's name" };

    public NodeCheckpointCommand(CommandHost host)
        : base(host, "checkpoint", "Write a running machine down, with its memory and disk")
    {
        Add(_node);
        Add(_name);
    }

    protected override (IReadOnlyList<string> Directories, IReadOnlyList<string> Words) Line(CommandContext context) =>
        ([NodeArguments.Path(context.Value(_node)!)], ["checkpoint", context.Value(_name)!]);
}
