using Pewter.NineP;

namespace Pewter.Machines.Nodes;

/// <summary>
/// The power switch of nodes that have one. Off is lost on purpose: what stays with a node stays, all else is undone;
/// on takes the undone steps again. Each piece of work has its turn in the node's own queue.
/// </summary>
internal sealed class NodePower(NodeFleet fleet, NodeLife life)
{
    // What a node starts from, and what it starts from again after a start that is for one time.
    private const string Boot = "boot";
    private const string BootAfter = "boot-after";

    /// <summary>Turns a node off. One that is off already is left as it is.</summary>
    /// <param name="node">The node.</param>
    /// <param name="grace">How long it may take to end by itself; zero: it is not asked.</param>
    public Task OffAsync(Node node, TimeSpan grace) => fleet.Tracked(node.Work.RunAsync(async () =>
    {
        var kind = Powered(node);
        if (node.Record.State == NodeStates.Off)
        {
            return;
        }

        Demand(node, NodeStates.Ready, NodeStates.Suspended, NodeStates.Lost);
        if (grace > TimeSpan.Zero && node.Record.State == NodeStates.Ready)
        {
            await kind.AskToStopAsync(node, grace, fleet.Stopping);
        }

        await life.LoseAsync(node, "turned off", fleet.Stopping, NodeStates.Off);
        Demand(node, NodeStates.Off);
    }));

    /// <summary>
    /// Turns a node on again that is off or lost; returns when it is ready. One that runs is left as it is.
    /// </summary>
    public Task OnAsync(Node node) => fleet.Tracked(node.Work.RunAsync(async () =>
    {
        Powered(node);
        if (!NodeStates.IsLive(node.Record.State))
        {
            Demand(node, NodeStates.Off, NodeStates.Lost);
            await life.BeginAgainAsync(node, fleet.Stopping);
            await ForgetOnceAsync(node);
            await fleet.DescribeAsync(node);
        }
    }));

    /// <summary>
    /// Builds a node anew: its content goes, it gets that of another image or of the same again, and starts. Its id,
    /// name and networks stay.
    /// </summary>
    public async Task RebuildAsync(Node node, string? image, NineP.Serving.Caller caller, CancellationToken cancellation)
    {
        var kind = Powered(node);
        var spec = await kind.WithImageAsync(node, image, caller, cancellation);
        await fleet.Tracked(node.Work.RunAsync(async () =>
        {
            Demand(node, NodeStates.Ready, NodeStates.Suspended, NodeStates.Lost, NodeStates.Off);
            await life.LoseAsync(node, "being rebuilt", fleet.Stopping, NodeStates.Off, withContent: true);
            Demand(node, NodeStates.Off);
            await fleet.ChangeCoreAsync(node, record => record with { Spec = spec });
            await life.BeginAgainAsync(node, fleet.Stopping);
            await fleet.DescribeAsync(node);
        })).WaitAsync(cancellation);
    }

    /// <summary>Makes a node stand still, or go on.</summary>
    public Task SuspendAsync(Node node, bool suspend) => fleet.Tracked(node.Work.RunAsync(async () =>
    {
        var kind = Powered(node);
        var (from, to) = suspend ? (NodeStates.Ready, NodeStates.Suspended) : (NodeStates.Suspended, NodeStates.Ready);
        if (node.Record.State == to)
        {
            return;
        }

        Demand(node, from);
        await kind.SuspendAsync(node, suspend, fleet.Stopping);
        await fleet.ChangeCoreAsync(node, record => record with { State = to });
    }));

    /// <summary>Says what a node starts from, from now on or only the next time; durable when this returns.</summary>
    public async ValueTask SetBootDeviceAsync(Node node, string device, bool once, CancellationToken cancellation)
    {
        var spec = await Powered(node).SetBootDeviceAsync(node, device, cancellation);
        var options = new Dictionary<string, string>(spec.Options, StringComparer.Ordinal);
        options.Remove(BootAfter);
        if (once)
        {
            options[BootAfter] = node.Record.Spec.Options.GetValueOrDefault(BootAfter) ?? node.Record.Spec.Options.GetValueOrDefault(Boot, "");
        }

        await fleet.ChangeAsync(node, record => record with { Spec = spec with { Options = options } }, cancellation);
    }

    /// <summary>Whether what a node starts from is for the next time only.</summary>
    public static bool IsBootOnce(NodeRecord record) => record.Spec.Options.ContainsKey(BootAfter);

    /// <summary>Refuses what cannot be done in the state that a node is in.</summary>
    /// <exception cref="FileException">EBUSY.</exception>
    public static void Demand(Node node, params string[] states)
    {
        if (!states.Contains(node.Record.State))
        {
            throw new FileException(Errno.EBUSY, $"{node.Id} is {node.Record.State}; it must be {string.Join(" or ", states)}.");
        }
    }

    // A start that was for one time has been.
    private async Task ForgetOnceAsync(Node node)
    {
        if (node.Record.Spec.Options.GetValueOrDefault(BootAfter) is not { } after)
        {
            return;
        }

        var options = new Dictionary<string, string>(node.Record.Spec.Options, StringComparer.Ordinal);
        options.Remove(BootAfter);
        options.Remove(Boot);
        if (after.Length > 0)
        {
            options[Boot] = after;
        }

        await fleet.ChangeCoreAsync(node, record => record with { Spec = record.Spec with { Options = options } });
    }

    private static IPowersNodes Powered(Node node) => node.Kind as IPowersNodes
        ?? throw new FileException(Errno.EOPNOTSUPP, $"{node.Id} is a {node.Kind.Name}, which has no power switch.");
}
