using Pewter.NineP.Serving;

namespace Pewter.Testing.Conformance;

/// <summary>
/// What every subtree must hold to, whichever service it is of: the contract of the tree in DESIGN.md and the rules of
/// <see cref="ServedFile"/>. It visits the files as
/// any door would, and complains of all that is wrong at once.
/// </summary>
public static class TreeConformance
{
    /// <summary>Checks the subtree below <paramref name="root"/>.</summary>
    /// <param name="root">The root of the tree that paths in <c>status</c> begin at.</param>
    /// <param name="path">Where in it to begin.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <exception cref="TreeConformanceException">With a sentence for each rule that is broken.</exception>
    public static async Task CheckAsync(ServedFile root, string path = "/", TreeConformanceOptions? options = null)
    {
        var visit = new ConformanceVisit(root, options ?? new());
        await visit.RunAsync(path);
        if (visit.Visited == 0)
        {
            visit.Complain(path, "there is nothing to check");
        }

        if (visit.Complaints.Count > 0)
        {
            throw new TreeConformanceException(visit.Complaints);
        }
    }
}
