namespace Pewter.Testing.Guests;

/// <summary>What a test guest is made of.</summary>
public sealed record GuestOptions
{
    /// <summary>The flavour of <c>eng/kernels.sh</c>: <c>cloud-6.1</c>, <c>generic-6.1</c> or <c>generic-6.12</c>.</summary>
    public string Kernel { get; init; } = "generic-6.1";

    /// <summary>Modules to load at boot, dependencies come by themselves; names that the kernel has built in are passed over.</summary>
    public IReadOnlyList<string> Modules { get; init; } = [];

    /// <summary>Host files to put into the guest: guest path to host path. Executables bring the shared libraries that they name.</summary>
    public IReadOnlyDictionary<string, string> Files { get; init; } = new Dictionary<string, string>();

    /// <summary>MiB of memory.</summary>
    public int MemoryMiB { get; init; } = 256;

    /// <summary>More words for QEMU's command line.</summary>
    public IReadOnlyList<string> QemuArguments { get; init; } = [];

    /// <summary>Whether eth0 gets QEMU's user network: the host's loopback is 10.0.2.2 there.</summary>
    public bool UserNetwork { get; init; } = true;
}
