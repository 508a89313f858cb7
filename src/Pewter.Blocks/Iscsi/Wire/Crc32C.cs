using System.Numerics;
using System.Runtime.InteropServices;

namespace Pewter.Blocks.Iscsi.Wire;

/// <summary>The digest of RFC 7143 13.1, by the processor's instruction where it has one.</summary>
internal static class Crc32C
{
    /// <summary>The CRC of the parts one after the other, as it is on the wire when written little-endian.</summary>
    public static uint Compute(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second = default) =>
        ~Append(Append(uint.MaxValue, first), second);

    private static uint Append(uint crc, ReadOnlySpan<byte> data)
    {
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(data);
        foreach (ulong word in words)
            crc = BitOperations.Crc32C(crc, word);
        foreach (byte rest in data[(words.Length * sizeof(ulong))..])
            crc = BitOperations.Crc32C(crc, rest);
        return crc;
    }
}
