namespace Pewter.Bmc.Ipmi;

/// <summary>Boot flags, parameter 5 of the system boot options (IPMI 2.0, table 28-14).</summary>
internal static class IpmiBootFlags
{
    public const byte Parameter = 5;
    private const byte Valid = 0x80;
    private const byte Persistent = 0x40;
    private const byte Uefi = 0x20;

    /// <summary>The five bytes of the flags.</summary>
    public static byte[] Write(BootOverride boot, BmcAddress address)
    {
        byte device = boot.Device switch
        {
            BootDevice.Default => 0,
            BootDevice.Pxe => 1,
            BootDevice.Disk => 2,
            BootDevice.Cd => 5,
            BootDevice.Setup => 6,
            _ => throw new BmcException(BmcFault.Unsupported, $"{address}: IPMI knows no boot by UEFI HTTP; use pxe, or a BMC with Redfish."),
        };
        var flags = Valid | (boot.IsOnce ? 0 : Persistent) | (boot.IsUefi ? Uefi : 0);
        return [(byte)flags, (byte)(device << 2), 0, 0, 0];
    }

    /// <summary>Reads the flags; what is not valid is the default.</summary>
    public static BootOverride Read(ReadOnlySpan<byte> flags)
    {
        if ((flags[0] & Valid) == 0)
            return new(BootDevice.Default);
        var device = ((flags[1] >> 2) & 0x0f) switch
        {
            1 => BootDevice.Pxe,
            2 or 3 => BootDevice.Disk,
            5 => BootDevice.Cd,
            6 => BootDevice.Setup,
            _ => BootDevice.Default,
        };
        return new(device, (flags[0] & Persistent) == 0, (flags[0] & Uefi) != 0);
    }
}
