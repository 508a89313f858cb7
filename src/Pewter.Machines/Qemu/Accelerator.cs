namespace Pewter.Machines.Qemu;

/// <summary>What runs a guest's instructions.</summary>
public enum Accelerator
{
    /// <summary>QEMU's translator: works everywhere.</summary>
    Tcg,

    /// <summary>The hardware, through the kernel.</summary>
    Kvm,
}
