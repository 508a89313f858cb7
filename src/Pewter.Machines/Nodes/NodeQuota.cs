using Pewter.NineP;
using Pewter.NineP.Serving;

namespace Pewter.Machines.Nodes;

/// <summary>Decides whether a user may have more nodes. Pure: it only looks at what it is given.</summary>
internal static class NodeQuota
{
    /// <summary>Refuses with a sentence that names the limit.</summary>
    /// <exception cref="FileException">EDQUOT.</exception>
    public static void Demand(NodeLimits limits, IEnumerable<NodeRecord> existing, NodeSpec spec, int count, Caller caller)
    {
        var (all, own, memory) = (0, 0, 0L);
        foreach (var record in existing)
        {
            all++;
            if (record.Owner.User == caller.User)
            {
                own++;
                memory += record.Spec.MemoryBytes ?? 0;
            }
        }

        if (all + count > limits.Nodes)
        {
            throw Exceeded($"there may be {limits.Nodes} nodes on this machine, and there are {all}");
        }

        if (caller.IsAdmin)
        {
            return;
        }

        if (own + count > limits.NodesOfUser)
        {
            throw Exceeded($"{caller.User} may have {limits.NodesOfUser} nodes and has {own}");
        }

        if (limits.MemoryOfUser is { } most && memory + (count * (spec.MemoryBytes ?? 0)) > most)
        {
            throw Exceeded($"the nodes of {caller.User} may have {most} bytes of memory together and have {memory}");
        }
    }

    private static FileException Exceeded(string sentence) => new(Errno.EDQUOT, $"No more nodes: {sentence}. Release some first.");
}
