namespace Pewter.Bmc;

/// <summary>What a machine boots from.</summary>
public enum BootDevice
{
    /// <summary>As its firmware is set up.</summary>
    Default,

    /// <summary>A disk.</summary>
    Disk,

    /// <summary>The network, by PXE.</summary>
    Pxe,

    /// <summary>The network, by UEFI HTTP.</summary>
    Http,

    /// <summary>A CD or virtual medium.</summary>
    Cd,

    /// <summary>The firmware's own set-up.</summary>
    Setup,
}
