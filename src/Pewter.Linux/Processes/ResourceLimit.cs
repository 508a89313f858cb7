namespace Pewter.Linux.Processes;

/// <summary>What <c>prlimit</c> limits (asm-generic/resource.h).</summary>
public enum ResourceKind
{
    /// <summary>Seconds of CPU time.</summary>
    CpuSeconds = 0,

    /// <summary>Bytes of a file written.</summary>
    FileSize = 1,

    /// <summary>Bytes of a core dump.</summary>
    CoreSize = 4,

    /// <summary>Processes of the user.</summary>
    Processes = 6,

    /// <summary>Open descriptors.</summary>
    OpenFiles = 7,

    /// <summary>Bytes of locked memory.</summary>
    LockedMemory = 8,

    /// <summary>Bytes of address space.</summary>
    AddressSpace = 9,
}

/// <summary>One resource limit; <see cref="ulong.MaxValue"/> is no limit.</summary>
public readonly record struct ResourceLimit(ResourceKind Kind, ulong Soft, ulong Hard);
