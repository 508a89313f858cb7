using System.CommandLine;

namespace Pewter.CommandLine.Commands;

/// <summary><c>pewter node bootdev</c>: what machines start from when they are turned on next.</summary>
internal sealed class NodeBootDeviceCommand : NodeControlCommand
{
    private readonly Argument<string> _device = new("DEVICE") { Description = "disk, net or kernel" };
    private readonly Argument<string[]> _nodes = NodeArguments.Nodes();
    private readonly Option<string[]> _query = NodeArguments.Query();

    public NodeBootDeviceCommand(CommandHost host)
        : base(host, "bootdev", "Say what machines start from when they are turned on next")
    {
        _device.AcceptOnlyFromAmong("disk", "net", "kernel");
        Add(_device);
        Add(_nodes);
        Add(_query);
    }

    protected override (IReadOnlyList<string> Directories, IReadOnlyList<string> Words) Line(CommandContext context) =>
        (NodeArguments.Paths(context.Value(_nodes), context.Value(_query)), ["bootdev", context.Value(_device)!]);
}
