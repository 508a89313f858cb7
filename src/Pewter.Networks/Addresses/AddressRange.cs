namespace Pewter.Networks.Addresses;

/// <summary>Addresses from one to another, both of them in it: <c>10.42.0.10-10.42.0.99</c>.</summary>
internal readonly record struct AddressRange(uint First, uint Last)
{
    /// <summary>Reads a range.</summary>
    public static bool TryParse(string text, out AddressRange range)
    {
        range = default;
        if (text.Split('-') is not [var first, var last] || !Subnet.TryParseAddress(first, out var from) || !Subnet.TryParseAddress(last, out var to))
        {
            return false;
        }

        range = new AddressRange(from, to);
        return from <= to;
    }

    /// <summary>A range that was checked when it was stored.</summary>
    public static AddressRange Parse(string text) =>
        TryParse(text, out var range) ? range : throw new FormatException($"'{text}' is no range of addresses.");

    /// <summary>The first address that is not taken; null when all are.</summary>
    public uint? FirstFree(IReadOnlySet<uint> taken)
    {
        for (var address = (ulong)First; address <= Last; address++)
        {
            if (!taken.Contains((uint)address))
            {
                return (uint)address;
            }
        }

        return null;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Subnet.Address(First)}-{Subnet.Address(Last)}";
}
