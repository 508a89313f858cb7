using Pewter.Blocks.Iscsi.Wire;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Pewter.Blocks.Iscsi.Login;

/// <summary>A login request's header fields (RFC 7143 11.12).</summary>
internal readonly record struct LoginRequest(
    bool Transit,
    bool Continues,
    LoginStage Current,
    LoginStage Next,
    byte VersionMin,
    ulong Isid,
    ushort Tsih,
    uint TaskTag,
    ushort ConnectionId,
    uint CmdSn)
{
    public static LoginRequest From(BasicHeader header) => new(
        Transit: header.IsFinal,
        Continues: (header.Flags & 0x40) != 0,
        Current: (LoginStage)((header.Flags >> 2) & 3),
        Next: (LoginStage)(header.Flags & 3),
        VersionMin: header.Bytes[3],
        Isid: ReadUInt64BigEndian(header.Bytes[8..]) >> 16,
        Tsih: ReadUInt16BigEndian(header.Bytes[14..]),
        TaskTag: header.TaskTag,
        ConnectionId: ReadUInt16BigEndian(header.Bytes[20..]),
        CmdSn: header.CmdSn);
}
