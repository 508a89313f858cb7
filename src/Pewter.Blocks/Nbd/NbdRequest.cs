using System.Buffers.Binary;

namespace Pewter.Blocks.Nbd;

/// <summary>One request as it came.</summary>
internal readonly struct NbdRequest(ReadOnlySpan<byte> header)
{
    public uint Magic { get; } = BinaryPrimitives.ReadUInt32BigEndian(header);

    public NbdCommandFlags Flags { get; } = (NbdCommandFlags)BinaryPrimitives.ReadUInt16BigEndian(header[4..]);

    public NbdCommand Command { get; } = (NbdCommand)BinaryPrimitives.ReadUInt16BigEndian(header[6..]);

    public ulong Cookie { get; } = BinaryPrimitives.ReadUInt64BigEndian(header[8..]);

    public ulong Offset { get; } = BinaryPrimitives.ReadUInt64BigEndian(header[16..]);

    public uint Length { get; } = BinaryPrimitives.ReadUInt32BigEndian(header[24..]);

    public bool Has(NbdCommandFlags flag) => (Flags & flag) != 0;
}
