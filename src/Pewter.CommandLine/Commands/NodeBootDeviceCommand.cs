using System.CommandLine;

namespace Pewter.CommandLine.Commands;

/// <summary><c>pewter node bootdev</c>: what machines start from when they are turned on next.</summary>
internal sealed class NodeBootDeviceCommand : NodeControlCommand
{
    private readonly Argument<string> _device = new("DEVICE") { Description = "disk, net or kernel" };
    private readonly Argument<string[]> _nodes = NodeArguments.Nodes();
    private readonly Option<string[]> _query = NodeArguments.Query();
    private readonly Option<bool> _once = new("--once") { Description = "Only the next time" };

    public NodeBootDeviceCommand(CommandHost host)
        : base(host, "bootdev", "Say what machines start from when they are turned on next")
    {
        _device.AcceptOnlyFromAmong("disk", "net", "kernel");
        Add(_device);
        Add(_nodes);
        Add(_query);
        Add(_once);
    }

    protected override (IReadOnlyList<string> Directories, IReadOnlyList<string> Words) Line(CommandContext context) =>
        (NodeArguments.Paths(context.Value(_nodes), context.Value(_query)),
            context.Value(_once) ? ["bootdev", context.Value(_device)!, "once"] : ["bootdev", context.Value(_device)!]);
}
