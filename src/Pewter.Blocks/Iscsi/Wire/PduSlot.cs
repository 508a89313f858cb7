using static System.Buffers.Binary.BinaryPrimitives;

namespace Pewter.Blocks.Iscsi.Wire;

/// <summary>An outgoing PDU being built in the writer's buffer.</summary>
internal readonly ref struct PduSlot(Span<byte> bytes, int dataAt, int dataLength)
{
    public Span<byte> Bytes { get; } = bytes;

    public int DataAt => dataAt;

    public int DataLength => dataLength;

    public Span<byte> Data => Bytes.Slice(dataAt, dataLength);

    public void Start(IscsiOpcode opcode, byte flags, uint taskTag)
    {
        Bytes[0] = (byte)opcode;
        Bytes[1] = flags;
        WriteUInt32BigEndian(Bytes[16..], taskTag);
    }

    public void Write(int at, uint value) => WriteUInt32BigEndian(Bytes[at..], value);

    public void Write(int at, ulong value) => WriteUInt64BigEndian(Bytes[at..], value);
}
