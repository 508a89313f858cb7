namespace Pewter.Execution.Placement;

/// <summary>
/// Decides which node gets which process. Pure: the same request and candidates give the same answer, so it is tested by examples and
/// properties. All or nothing: either every process has a node, or none has.
/// </summary>
public static class PlacementPolicy
{
    /// <summary>The path of a node for each process, in their order; empty when they cannot all be placed.</summary>
    public static IReadOnlyList<string> Place(PlacementRequest request, IReadOnlyList<Candidate> candidates)
    {
        var order = new PriorityQueue<Seat, (double Rank, int Index)>(candidates.Count);
        for (var i = 0; i < candidates.Count; i++)
        {
            var seat = new Seat(i, candidates[i], RoomFor(request, candidates[i]));
            if (seat.Room > 0)
            {
                order.Enqueue(seat, (RankOf(request, seat), i));
            }
        }

        var chosen = new List<string>(request.Count);
        while (chosen.Count < request.Count && order.TryDequeue(out var seat, out _))
        {
            chosen.Add(seat.Node.Path);
            seat.Placed++;
            if (seat.Placed < seat.Room)
            {
                order.Enqueue(seat, (RankOf(request, seat), seat.Index));
            }
        }

        return chosen.Count == request.Count ? chosen : [];
    }

    private static int RoomFor(PlacementRequest request, Candidate node) =>
        request.BytesEach is { } each && node.FreeBytes is { } free ? (int)Math.Min(int.MaxValue, free / each) : int.MaxValue;

    // Lower goes first. What is preferred outweighs everything but room.
    private static double RankOf(PlacementRequest request, Seat seat)
    {
        var taken = seat.Node.Running + seat.Placed;
        var cpus = Math.Max(seat.Node.Cpus, 0.1);
        var rank = request.Mode switch
        {
            PlacementMode.Spread => taken,
            PlacementMode.LeastLoaded => (seat.Node.Load + seat.Placed) / cpus,
            // A node that has begun to fill goes before an empty one, until it is full; full ones share what is left.
            _ => taken < Math.Max(1, Math.Floor(cpus)) ? (taken > 0 ? -1 : 0) : 1 + taken / cpus,
        };
        return request.Near?.Contains(seat.Node.Path) == true ? rank - 1e6 : rank;
    }

    private sealed class Seat(int index, Candidate node, int room)
    {
        public int Index => index;

        public Candidate Node => node;

        public int Room => room;

        public int Placed { get; set; }
    }
}
