namespace Pewter.Machines.Nodes;

/// <summary>
/// Spare nodes: one with the label <c>spare</c> gives its place to a node of the same owner and kind that was lost. The lost node starts again
/// there, with its own disk, id, name and addresses; the spare is stopped before, and released when the other is ready.
/// </summary>
/// <remarks>
/// Nothing of it is remembered: whoever finds a lost node and a spare begins it, also after a restart, and a takeover that failed is tried again.
/// </remarks>
internal sealed class NodeSpares(NodeFleet fleet)
{
    /// <summary>What spares are labelled with.</summary>
    public const string Label = "spare";

    private readonly HashSet<long> _taken = [];
    private readonly Lock _lock = new();

    /// <summary>The node that would give its place to a lost one; null when there is none.</summary>
    public Node? For(Node lost) => lost.Kind is IPowersNodes { TakesPlaces: true } && !IsSpare(lost)
        ? fleet.Nodes.FirstOrDefault(spare => IsSpare(spare)
            && spare.Record.State is NodeStates.Ready or NodeStates.Off
            && spare.Kind == lost.Kind
            && spare.Record.Owner == lost.Record.Owner
            && spare.Record.Spec.MemoryBytes >= lost.Record.Spec.MemoryBytes
            && spare.Record.Spec.Cpus >= lost.Record.Spec.Cpus)
        : null;

    /// <summary>Starts a lost node in the place of a spare; returns when it is ready, or has failed again.</summary>
    public async ValueTask TakeOverAsync(Node lost, Node spare)
    {
        lock (_lock)
        {
            if (!_taken.Add(spare.Number))
            {
                return;
            }
        }

        try
        {
            lost.Log.Add($"takes the place of the spare {spare.Id}");
            await fleet.Power.OffAsync(spare, TimeSpan.Zero);
            await fleet.Power.OnAsync(lost);
            if (lost.Record.State == NodeStates.Ready)
            {
                await fleet.ReleaseAsync(spare, $"{lost.Id} has taken its place", fleet.Stopping);
            }
        }
        finally
        {
            lock (_lock)
            {
                _taken.Remove(spare.Number);
            }
        }
    }

    private static bool IsSpare(Node node) => node.Record.Labels.Contains(Label);
}
