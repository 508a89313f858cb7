namespace Pewter.Testing.Conformance;

/// <summary>A subtree does not hold to the contract.</summary>
public sealed class TreeConformanceException(IReadOnlyList<string> complaints)
    : Exception($"{complaints.Count} complaints:\n" + string.Join('\n', complaints))
{
    /// <summary>What is wrong, each with its path.</summary>
    public IReadOnlyList<string> Complaints { get; } = complaints;
}
