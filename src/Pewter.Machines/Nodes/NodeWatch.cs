namespace Pewter.Machines.Nodes;

/// <summary>
/// Looks after the nodes: whether their agents live, whether leases have run out, what failed to be released, and, in
/// passing, the facts that status and queries show. One task, from <see cref="RunAsync"/> until the fleet stops.
/// </summary>
internal sealed class NodeWatch(NodeFleet fleet, TimeProvider time)
{
    private readonly Dictionary<long, long> _retries = [];

    public async Task RunAsync()
    {
        using var timer = new PeriodicTimer(fleet.Limits.Watch, time);
        try
        {
            do
            {
                await LookAsync();
            }
            while (await timer.WaitForNextTickAsync(fleet.Stopping));
        }
        catch (OperationCanceledException)
        {
            // The fleet stops.
        }
    }

    private async Task LookAsync()
    {
        var now = time.GetUtcNow();
        foreach (var node in fleet.Nodes)
        {
            var record = node.Record;
            if (record.LeaseEnd <= now && (NodeStates.IsLive(record.State) || NodeStates.IsDown(record.State)))
            {
                fleet.Try(() => fleet.ReleaseAsync(node, "its lease has run out", fleet.Stopping));
                continue;
            }

            node.Agent.Check();
            switch (record.State)
            {
                case NodeStates.Ready or NodeStates.Suspended when !node.Kind.IsAlive(record):
                    fleet.Try(() => new ValueTask(fleet.LoseAsync(node)));
                    break;
                case NodeStates.Ready when fleet.FactsAge(node) is not { } age || age >= fleet.Limits.FactsAge:
                    await fleet.DescribeAsync(node);
                    break;
                case NodeStates.Error when IsDue(node):
                    fleet.Try(() => fleet.ReleaseAsync(node, record.Cause ?? "tried again", fleet.Stopping));
                    break;
                case NodeStates.Lost when node.Kind.RestartsLost && IsDue(node):
                    fleet.Try(() => new ValueTask(fleet.RestartAsync(node)));
                    break;
                case NodeStates.Lost when fleet.Spares.For(node) is { } spare && IsDue(node):
                    fleet.Try(() => fleet.Spares.TakeOverAsync(node, spare));
                    break;
                default:
                    break;
            }
        }
    }

    /// <summary>The first try comes a delay after the failure, each other a delay after the one before.</summary>
    private bool IsDue(Node node)
    {
        if (_retries.TryGetValue(node.Number, out var at) && time.GetElapsedTime(at) < fleet.Limits.RetryDelay)
        {
            return false;
        }

        _retries[node.Number] = time.GetTimestamp();
        return true;
    }
}
