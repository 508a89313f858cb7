namespace Pewter.Blocks.Scsi;

/// <summary>
/// Logical unit numbers on the wire (SAM-5 4.7): peripheral addressing below 256, flat space addressing below 16,384.
/// </summary>
internal static class LunFormat
{
    public const ushort Max = 0x3FFF;

    public static ulong Encode(ushort lun) =>
        lun < 256 ? (ulong)lun << 48 : (0x4000UL | lun) << 48;

    /// <summary>The number, or -1 for an address of a form that no unit here has.</summary>
    public static int Decode(ulong wire)
    {
        if ((wire & 0xFFFF_FFFF_FFFF) != 0)
            return -1;
        int first = (int)(wire >> 48);
        return (first >> 14) switch
        {
            0 => first < 256 ? first : -1,
            1 => first & Max,
            _ => -1,
        };
    }
}
