using Pewter.Apps.Node.Boot;
using Pewter.Linux;
using Pewter.Linux.Mounts;
using Pewter.Linux.Namespaces;
using Pewter.Linux.Sockets;
using Pewter.Linux.Machine;
using Pewter.Node.Processes;

namespace Pewter.Apps.Node;

/// <summary>
/// Process 1 of a machine: mounts the kernel's filesystems, loads the modules that the image lists, serves on the virtio port or by TLS, and turns
/// the machine off when told to. Where the command line names a root over the network, it makes way for that root's own process 1 instead.
/// </summary>
internal static class InitMode
{
    private const string ModuleList = "/lib/pewter/modules";

    internal static async Task<int> RunAsync()
    {
        MountAll();
        LoadModules();
        TryQuietly(() => NetworkInterface.BringUp("lo"));
        var words = KernelWords.Read();
        await BootCard.SetUpAsync(words, TimeProvider.System);
        if (words["pewter.root"] is { } root)
        {
            await NetworkRoot.EnterAsync(root, words, TimeProvider.System);
        }

        SetHostName();
        var options = new SupervisorOptions
        {
            StateDirectory = "/run/pewter",
            CgroupName = "pewter",
            Output = new OutputLimits { SpoolBytes = 0 },
        };
        var reason = "poweroff";
        await using (var agent = new Agent(options, "/", null, GuestIdentity.AddCommands, "poweroff", "reboot"))
        await using (new Reaper(agent.Supervisor, TimeProvider.System))
        {
            var door = await AgentDoor.OpenAsync(agent, TimeProvider.System);
            StandardStreams.Print($"pewter-node: serving on {door}");
            await agent.RunAsync();
            reason = agent.Reason;
        }

        MachinePower.Sync();
        MachinePower.End(reason == "reboot");
        return 0;
    }

    private static void MountAll()
    {
        const MountFlags Plain = MountFlags.NoSetUser | MountFlags.NoDevices | MountFlags.NoExecute;
        Mount("proc", "/proc", "proc", Plain);
        Mount("sysfs", "/sys", "sysfs", Plain);
        Mount("dev", "/dev", "devtmpfs", MountFlags.NoSetUser);
        Mount("devpts", "/dev/pts", "devpts", MountFlags.NoSetUser | MountFlags.NoExecute, "ptmxmode=0666,mode=0620");
        Mount("shm", "/dev/shm", "tmpfs", MountFlags.NoSetUser | MountFlags.NoDevices, "mode=1777");
        Mount("run", "/run", "tmpfs", MountFlags.NoSetUser | MountFlags.NoDevices, "mode=755");
        Mount("tmp", "/tmp", "tmpfs", MountFlags.NoSetUser | MountFlags.NoDevices, "mode=1777");
        Mount("cgroup2", "/sys/fs/cgroup", "cgroup2", Plain);
    }

    // What the image or the kernel has mounted already, or cannot mount, must not keep a machine from coming up.
    private static void Mount(string source, string target, string type, MountFlags flags, string? options = null) => TryQuietly(() =>
    {
        Directory.CreateDirectory(target);
        KernelMounts.Mount(source, target, type, flags, options);
    });

    private static void LoadModules()
    {
        foreach (var module in File.Exists(ModuleList) ? File.ReadLines(ModuleList) : [])
        {
            TryQuietly(() => KernelModule.Load(module.Trim()));
        }
    }

    private static void SetHostName()
    {
        if (File.Exists("/etc/hostname"))
        {
            TryQuietly(() => HostName.Set(File.ReadAllText("/etc/hostname").Trim()));
        }
    }

    private static void TryQuietly(Action action)
    {
        try
        {
            action();
        }
        catch (Exception failure) when (failure is LinuxException or IOException or UnauthorizedAccessException)
        {
            StandardStreams.Complain(failure.Message);
        }
    }
}
