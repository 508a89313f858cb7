namespace Pewter.Blocks.Scsi.Commands;

/// <summary>
/// The CDB usage maps that several commands share. Byte 6 of the longer forms is the group number, which has no effect.
/// </summary>
internal static class CdbUsage
{
    /// <summary>Six bytes: operation code, LBA, count.</summary>
    public static byte[] Six(byte opcode) => [opcode, 0x1F, 0xFF, 0xFF, 0xFF, 0x00];

    /// <summary>Ten bytes: operation code, flags, LBA, group, count.</summary>
    public static byte[] Ten(byte opcode, byte flags) =>
        [opcode, flags, 0xFF, 0xFF, 0xFF, 0xFF, 0x1F, 0xFF, 0xFF, 0x00];

    /// <summary>Twelve bytes: operation code, flags, LBA, count, group.</summary>
    public static byte[] Twelve(byte opcode, byte flags) =>
        [opcode, flags, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x1F, 0x00];

    /// <summary>Sixteen bytes: operation code, flags, LBA, count, group.</summary>
    public static byte[] Sixteen(byte opcode, byte flags) =>
        [opcode, flags, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x1F, 0x00];

    /// <summary>Sixteen bytes with a service action, an LBA and an allocation length.</summary>
    public static byte[] ServiceIn16(byte opcode, byte action) =>
        [opcode, action, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x00, 0x00];

    /// <summary>Ten bytes with a service action and a parameter length in bytes 7 and 8.</summary>
    public static byte[] Service10(byte opcode, byte action) => [opcode, action, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0x00];
}
