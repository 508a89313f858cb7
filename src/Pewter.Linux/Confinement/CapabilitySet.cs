namespace Pewter.Linux.Confinement;

/// <summary>A set of capabilities by their numbers in linux/capability.h.</summary>
public readonly record struct CapabilitySet(ulong Bits)
{
    private const int ChangeOwner = 0;
    private const int OverrideAccess = 1;
    private const int OwnerActions = 3;
    private const int KeepSetUser = 4;
    private const int Kill = 5;
    private const int SetGroup = 6;
    private const int SetUser = 7;
    private const int SetCapabilities = 8;
    private const int BindLowPorts = 10;
    private const int RawNetwork = 13;
    private const int ChangeRoot = 18;
    private const int FileCapabilities = 31;
    private const int NetworkAdministration = 12;

    /// <summary>
    /// What a confined root needs to install and run ordinary services, and its own network's administration; nothing that acts on the
    /// machine: no mounts, modules, tracing, raw devices, clock or reboot.
    /// </summary>
    public static CapabilitySet Confined { get; } = Of(
        ChangeOwner, OverrideAccess, OwnerActions, KeepSetUser, Kill, SetGroup, SetUser, SetCapabilities, BindLowPorts, RawNetwork,
        ChangeRoot, FileCapabilities, NetworkAdministration);

    /// <summary>The set of these.</summary>
    public static CapabilitySet Of(params ReadOnlySpan<int> capabilities)
    {
        var bits = 0UL;
        foreach (var capability in capabilities)
        {
            bits |= 1UL << capability;
        }

        return new CapabilitySet(bits);
    }

    /// <summary>Whether the set has a capability.</summary>
    public bool Contains(int capability) => (Bits >> capability & 1) != 0;
}
