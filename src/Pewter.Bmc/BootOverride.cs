namespace Pewter.Bmc;

/// <summary>What a machine boots from: next time, or each time.</summary>
/// <param name="Device">The device.</param>
/// <param name="IsOnce">Only the next time; false: until it is changed.</param>
/// <param name="IsUefi">Whether the firmware is to start as UEFI rather than as BIOS.</param>
public readonly record struct BootOverride(BootDevice Device, bool IsOnce = false, bool IsUefi = false);
