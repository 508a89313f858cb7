namespace Pewter.Blocks.Benchmarks;

/// <summary>Which rows were asked for, by names such as <c>blocks.nbd</c> or <c>blocks.nbd.read4k.c4d8</c>; without a name all.</summary>
internal sealed class RowFilter(string[] names)
{
    /// <summary>Whether a row, or any row of a group, is wanted.</summary>
    public bool Wants(string row) => names.Length == 0
        || names.Any(n => row.StartsWith(n, StringComparison.OrdinalIgnoreCase) || n.StartsWith(row, StringComparison.OrdinalIgnoreCase));
}
