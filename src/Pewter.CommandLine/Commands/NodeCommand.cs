using System.CommandLine;

namespace Pewter.CommandLine.Commands;

/// <summary><c>pewter node</c>: machines, whatever they are made of.</summary>
internal sealed class NodeCommand : Command
{
    public NodeCommand(CommandHost host)
        : base("node", "Allocate, look at and release nodes: this host, cells, machines")
    {
        Add(new NodeAllocCommand(host));
        Add(new NodeAddCommand(host));
        Add(new NodeForkCommand(host));
        Add(new NodeListCommand(host));
        Add(new NodeShowCommand(host));
        Add(new NodeConsoleCommand(host));
        Add(new NodeBootLogCommand(host));
        Add(new NodePowerCommand(host));
        Add(new NodeBootDeviceCommand(host));
        Add(new NodeCheckpointCommand(host));
        Add(new NodeRestoreCommand(host));
        Add(new NodeRebuildCommand(host));
        Add(new NodePlainCommand(host, "suspend", "Make machines stand still, in memory"));
        Add(new NodePlainCommand(host, "resume", "Make machines go on that stand still"));
        Add(new NodeReleaseCommand(host));
        Add(new NodeRenameCommand(host));
        Add(new NodeLabelCommand(host));
        Add(new NodeLeaseCommand(host));
        Add(new EventsCommand(host, NodeArguments.Root, NodeArguments.OptionalNode()));
    }
}
