namespace Pewter.Networks.Plane;

/// <summary>A member of a segment.</summary>
/// <param name="Mac">Its card.</param>
/// <param name="Address">Its address, always the same.</param>
/// <param name="Names">Its names in the segment's domain; the last is the one that its address leads back to.</param>
internal sealed record SegmentHost(string Mac, string Address, IReadOnlyList<string> Names);
