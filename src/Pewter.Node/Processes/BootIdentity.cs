namespace Pewter.Node.Processes;

/// <summary>Tells one start of the machine from another.</summary>
internal static class BootIdentity
{
    /// <summary>The kernel's random identity of this boot; empty where /proc is not mounted.</summary>
    internal static string Current { get; } =
        File.Exists("/proc/sys/kernel/random/boot_id") ? File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim() : "";
}
