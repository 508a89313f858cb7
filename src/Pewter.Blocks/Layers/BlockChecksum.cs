using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Pewter.Blocks.Layers;

/// <summary>
/// CRC-32C (Castagnoli, RFC 3720 appendix B.4) by the processor's instruction. A block is summed in three lanes at once, which hides the
/// instruction's latency, and the lanes are joined by tables that advance a sum over the zeroes of one lane.
/// </summary>
internal static class BlockChecksum
{
    private const int LaneWords = LayerFormat.BlockSize / 8 / 3;
    private const uint Polynomial = 0x82F63B78;
    private static readonly uint[] OneLane = ShiftTable(LaneWords * 8);
    private static readonly uint[] TwoLanes = ShiftTable(LaneWords * 16);

    /// <summary>The checksum of any bytes.</summary>
    public static uint Of(ReadOnlySpan<byte> data)
    {
        uint sum = uint.MaxValue;
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(data);
        foreach (ulong word in words)
            sum = BitOperations.Crc32C(sum, word);
        foreach (byte rest in data[(words.Length * 8)..])
            sum = BitOperations.Crc32C(sum, rest);
        return ~sum;
    }

    /// <summary>The checksum of one whole block.</summary>
    public static uint OfBlock(ReadOnlySpan<byte> block)
    {
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(block[..LayerFormat.BlockSize]);
        ReadOnlySpan<ulong> second = words.Slice(LaneWords, LaneWords);
        ReadOnlySpan<ulong> third = words.Slice(2 * LaneWords, LaneWords);
        ReadOnlySpan<ulong> first = words[..LaneWords];
        uint a = uint.MaxValue, b = 0, c = 0;
        for (int i = 0; i < first.Length && i < second.Length && i < third.Length; i++)
        {
            a = BitOperations.Crc32C(a, first[i]);
            b = BitOperations.Crc32C(b, second[i]);
            c = BitOperations.Crc32C(c, third[i]);
        }

        uint sum = Shift(TwoLanes, a) ^ Shift(OneLane, b) ^ c;
        foreach (ulong word in words[(3 * LaneWords)..])
            sum = BitOperations.Crc32C(sum, word);
        return ~sum;
    }

    private static uint Shift(uint[] table, uint sum) =>
        table[sum & 0xFF] ^ table[256 + ((sum >> 8) & 0xFF)] ^ table[512 + ((sum >> 16) & 0xFF)] ^ table[768 + (sum >> 24)];

    // The sum after `bytes` zero bytes is linear in the sum before them, so it is known for all sums once it is for single bits.
    private static uint[] ShiftTable(int bytes)
    {
        Span<uint> afterBit = stackalloc uint[32];
        for (int bit = 0; bit < 32; bit++)
        {
            uint sum = 1u << bit;
            for (int i = 0; i < bytes * 8; i++)
                sum = (sum >> 1) ^ ((sum & 1) * Polynomial);
            afterBit[bit] = sum;
        }

        var table = new uint[1024];
        for (int i = 0; i < table.Length; i++)
        {
            for (int bit = 0; bit < 8; bit++)
                table[i] ^= (i >> bit & 1) == 0 ? 0 : afterBit[(8 * (i >> 8)) + bit];
        }

        return table;
    }

    /// <summary>Stores the checksum of what follows it at the start of <paramref name="record"/>.</summary>
    public static void Stamp(Span<byte> record) => BinaryPrimitives.WriteUInt32LittleEndian(record, Of(record[4..]));

    /// <summary>Whether <paramref name="record"/> begins with the checksum of what follows.</summary>
    public static bool IsStamped(ReadOnlySpan<byte> record) => BinaryPrimitives.ReadUInt32LittleEndian(record) == Of(record[4..]);
}
