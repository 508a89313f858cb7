namespace Pewter.Sdk.Piping;

/// <summary>The hash of hash pipes: FNV-1a with 64 bits, the same on every machine and in every version, so that all producers agree.</summary>
public static class RecordHash
{
    private const ulong Start = 0xCBF29CE484222325;
    private const ulong Prime = 0x100000001B3;

    /// <summary>The hash of bytes.</summary>
    public static ulong Of(ReadOnlySpan<byte> bytes)
    {
        var hash = Start;
        foreach (var one in bytes)
        {
            hash = (hash ^ one) * Prime;
        }

        return hash;
    }

    /// <summary>
    /// The hash of a record's key: a field between blanks, or the whole record without its newline. A record without that field has an
    /// empty key.
    /// </summary>
    public static ulong Of(ReadOnlySpan<byte> record, int? keyField)
    {
        record = record.TrimEnd((byte)'\n');
        return Of(keyField is { } field ? Field(record, field) : record);
    }

    private static ReadOnlySpan<byte> Field(ReadOnlySpan<byte> record, int number)
    {
        while (true)
        {
            record = record.TrimStart(" \t"u8);
            var end = record.IndexOfAny((byte)' ', (byte)'\t');
            var field = end < 0 ? record : record[..end];
            if (--number == 0 || end < 0)
            {
                return number == 0 ? field : default;
            }

            record = record[end..];
        }
    }
}
