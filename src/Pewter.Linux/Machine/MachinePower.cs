using System.Runtime.InteropServices;

namespace Pewter.Linux.Machine;

/// <summary>Turns this machine, or virtual machine, off. For process 1.</summary>
public static partial class MachinePower
{
    private const int PowerOffCommand = 0x4321FEDC;
    private const int RestartCommand = 0x01234567;

    /// <summary>Writes everything that is waiting to devices.</summary>
    public static void Sync() => SyncCall();

    /// <summary>Ends the machine at once; does not return when it succeeds.</summary>
    public static void End(bool restart) =>
        LinuxException.Check(Reboot(restart ? RestartCommand : PowerOffCommand), restart ? "restart the machine" : "turn the machine off");

    [LibraryImport(Libc.Name, EntryPoint = "sync")]
    private static partial void SyncCall();

    [LibraryImport(Libc.Name, EntryPoint = "reboot", SetLastError = true)]
    private static partial int Reboot(int command);
}
