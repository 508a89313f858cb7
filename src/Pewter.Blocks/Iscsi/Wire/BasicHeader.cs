using static System.Buffers.Binary.BinaryPrimitives;

namespace Pewter.Blocks.Iscsi.Wire;

/// <summary>
/// A view of the 48-byte basic header segment (RFC 7143 11.2); the fields that only some PDUs have are read where they
/// are used.
/// </summary>
internal readonly ref struct BasicHeader(ReadOnlySpan<byte> bytes)
{
    public const int Length = 48;
    public const uint NoTag = 0xFFFF_FFFF;

    public ReadOnlySpan<byte> Bytes { get; } = bytes;

    public IscsiOpcode Opcode => (IscsiOpcode)(Bytes[0] & 0x3F);

    /// <summary>For immediate delivery: it does not advance the command sequence.</summary>
    public bool IsImmediate => (Bytes[0] & 0x40) != 0;

    public byte Flags => Bytes[1];

    /// <summary>The F bit; in login and text PDUs the T bit is at the same place.</summary>
    public bool IsFinal => (Bytes[1] & 0x80) != 0;

    /// <summary>Additional header segments, bytes.</summary>
    public int AdditionalLength => Bytes[4] * 4;

    public int DataLength => (Bytes[5] << 16) | (Bytes[6] << 8) | Bytes[7];

    public ulong Lun => ReadUInt64BigEndian(Bytes[8..]);

    public uint TaskTag => ReadUInt32BigEndian(Bytes[16..]);

    /// <summary>Bytes 20–23: target transfer tag, expected data transfer length or referenced task tag.</summary>
    public uint Word20 => ReadUInt32BigEndian(Bytes[20..]);

    public uint CmdSn => ReadUInt32BigEndian(Bytes[24..]);

    public uint ExpStatSn => ReadUInt32BigEndian(Bytes[28..]);

    /// <summary>Bytes 32–35: referenced CmdSN in task management.</summary>
    public uint Word32 => ReadUInt32BigEndian(Bytes[32..]);

    /// <summary>Bytes 36–39: DataSN.</summary>
    public uint Word36 => ReadUInt32BigEndian(Bytes[36..]);

    /// <summary>Bytes 40–43: buffer offset.</summary>
    public uint Word40 => ReadUInt32BigEndian(Bytes[40..]);
}
