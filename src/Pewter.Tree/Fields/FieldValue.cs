namespace Pewter.Tree;

/// <summary>One value of a field as queries compare and indexes store it: a text, or a number mapped to a whole one in the same order.</summary>
/// <param name="Text">The text; null for a number.</param>
/// <param name="Number">The number; 0 for a text.</param>
internal readonly record struct FieldValue(string? Text, long Number) : IComparable<FieldValue>
{
    /// <summary>A fraction, as the whole number that sorts the same.</summary>
    public static FieldValue Of(double value)
    {
        var bits = BitConverter.DoubleToInt64Bits(value == 0 ? 0d : value);
        return new(null, bits >= 0 ? bits : bits ^ long.MaxValue);
    }

    /// <summary>The fraction that <see cref="Of"/> mapped.</summary>
    public double ToDouble() => BitConverter.Int64BitsToDouble(Number >= 0 ? Number : Number ^ long.MaxValue);

    /// <inheritdoc/>
    public int CompareTo(FieldValue other) => Text is null ? Number.CompareTo(other.Number) : string.CompareOrdinal(Text, other.Text);
}
