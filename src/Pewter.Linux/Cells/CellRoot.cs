using Pewter.Linux.Cgroups;
using Pewter.Linux.Mounts;
using Pewter.Linux.Namespaces;
using Pewter.Linux.Sockets;

namespace Pewter.Linux.Cells;

/// <summary>
/// Makes the world of a cell from inside: called by the cell's process 1, once, before it starts anything. Everything it mounts belongs
/// to the cell's mount namespace and is gone with it; nothing is left on the host.
/// </summary>
public static class CellRoot
{
    private static readonly string[] Devices = ["null", "zero", "full", "random", "urandom", "tty"];

    // Files of /proc that tell about or act on the whole machine, whatever the namespace.
    private static readonly string[] Hidden = ["kcore", "keys", "kmsg", "timer_list", "sched_debug", "latency_stats"];
    private static readonly string[] Emptied = ["acpi", "scsi"];
    private static readonly string[] Frozen = ["sys", "sysrq-trigger", "irq", "bus", "fs"];

    // Directories of the kernel's view of the hardware that a program has no use for: tables of the firmware, power meters, tracing.
    private static readonly string[] EmptiedOfSys = ["firmware", "devices/virtual/powercap", "kernel/debug", "kernel/tracing", "kernel/security"];

    /// <summary>Moves this process into the new root.</summary>
    public static void Enter(CellSetup setup)
    {
        var root = StagingDirectory();
        KernelMounts.Mount("none", "/", null, MountFlags.Private | MountFlags.Recursive);
        DetachedMount.Attach(CellSetup.RootDescriptor, root);
        Descriptors.Close(CellSetup.RootDescriptor);
        MountKernelFilesystems(root, setup.IsNetworkNew);
        MountDevices(root);
        MountTemporary(root, setup.IsRootForeign);
        for (var i = 0; i < setup.Binds.Count; i++)
        {
            Show($"{root}{setup.Binds[i].Target}", CellSetup.FirstBindDescriptor + i);
        }

        KernelMounts.PivotRoot(root);
        HostName.Set(setup.Name);
        if (setup.IsNetworkNew)
        {
            NetworkInterface.BringUp("lo");
        }
    }

    internal static string StagingDirectory() =>
        Array.Find(["/tmp", "/mnt", "/run", "/var"], Directory.Exists)
        ?? throw new LinuxException(LinuxErrno.ENOENT, "find a directory to build the cell's root on");

    private static void MountKernelFilesystems(string root, bool ownNetwork)
    {
        const MountFlags Plain = MountFlags.NoSetUser | MountFlags.NoDevices | MountFlags.NoExecute;
        var proc = MakeDirectory(root, "proc");
        KernelMounts.Mount("proc", proc, "proc", Plain);
        foreach (var name in Hidden.Where(name => File.Exists($"{proc}/{name}")))
        {
            KernelMounts.Mount("/dev/null", $"{proc}/{name}", null, MountFlags.Bind);
        }

        foreach (var name in Emptied.Where(name => Directory.Exists($"{proc}/{name}")))
        {
            Empty($"{proc}/{name}", Plain);
        }

        foreach (var name in Frozen.Where(name => Path.Exists($"{proc}/{name}")))
        {
            Freeze($"{proc}/{name}", Plain);
        }

        if (ownNetwork)
        {
            // The kernel shows a namespace its own interfaces in sysfs only if it owns the network.
            KernelMounts.Mount("sysfs", MakeDirectory(root, "sys"), "sysfs", Plain | MountFlags.ReadOnly);
            foreach (var name in EmptiedOfSys.Where(name => Directory.Exists($"{root}/sys/{name}")))
            {
                Empty($"{root}/sys/{name}", Plain);
            }

            MountCgroups($"{root}/sys/fs/cgroup", Plain);
        }
    }

    // The cell sees its own cgroup as the root and may divide it; its limits are set one level above.
    private static void MountCgroups(string target, MountFlags flags)
    {
        var hierarchies = CgroupHierarchies.Read();
        if (!Directory.Exists(target) || (hierarchies.Unified is null && hierarchies.Version1.Count == 0))
        {
            return;
        }

        if (hierarchies.Version1.Count == 0)
        {
            KernelMounts.Mount("cgroup2", target, "cgroup2", flags);
            return;
        }

        KernelMounts.Mount("cgroup", target, "tmpfs", flags, "mode=755");
        foreach (var controller in (ReadOnlySpan<string>)["cpu", "memory", "pids"])
        {
            if (hierarchies.Version1.ContainsKey(controller))
            {
                TryMountCgroup(target, controller, "cgroup", flags, controller);
            }
        }

        if (hierarchies.Unified is not null)
        {
            TryMountCgroup(target, "unified", "cgroup2", flags, null);
        }
    }

    // A hierarchy that shares its mount with another controller under another name cannot be mounted by this one; limits by it are then
    // refused with a sentence when somebody asks for them.
    private static void TryMountCgroup(string target, string name, string type, MountFlags flags, string? options)
    {
        var directory = MakeDirectory(target, name);
        try
        {
            KernelMounts.Mount("cgroup", directory, type, flags, options);
        }
        catch (LinuxException)
        {
            Directory.Delete(directory);
        }
    }

    private static void MountDevices(string root)
    {
        var dev = MakeDirectory(root, "dev");
        KernelMounts.Mount("dev", dev, "tmpfs", MountFlags.NoSetUser | MountFlags.NoExecute, "mode=755,size=64k");
        foreach (var device in Devices)
        {
            File.WriteAllBytes($"{dev}/{device}", []);
            KernelMounts.Mount($"/dev/{device}", $"{dev}/{device}", null, MountFlags.Bind);
        }

        KernelMounts.Mount(
            "devpts", MakeDirectory(dev, "pts"), "devpts", MountFlags.NoSetUser | MountFlags.NoExecute, "newinstance,ptmxmode=0666,mode=0620");
        KernelMounts.Mount("shm", MakeDirectory(dev, "shm"), "tmpfs", MountFlags.NoSetUser | MountFlags.NoDevices, "mode=1777");
        File.CreateSymbolicLink($"{dev}/ptmx", "pts/ptmx");
        File.CreateSymbolicLink($"{dev}/fd", "/proc/self/fd");
        File.CreateSymbolicLink($"{dev}/stdin", "/proc/self/fd/0");
        File.CreateSymbolicLink($"{dev}/stdout", "/proc/self/fd/1");
        File.CreateSymbolicLink($"{dev}/stderr", "/proc/self/fd/2");
    }

    private static void MountTemporary(string root, bool isRootForeign)
    {
        const MountFlags Flags = MountFlags.NoSetUser | MountFlags.NoDevices;
        KernelMounts.Mount("tmp", MakeDirectory(root, "tmp"), "tmpfs", Flags, "mode=1777");
        KernelMounts.Mount("run", MakeDirectory(root, "run"), "tmpfs", Flags, "mode=755");
        if (isRootForeign)
        {
            // The host's own is root's alone, and would be unreadable here.
            KernelMounts.Mount("root", MakeDirectory(root, "root"), "tmpfs", Flags, "mode=700");
        }
    }

    // Nobody has run here yet who could have put a link in the way.
    private static void Show(string target, int mount)
    {
        if (Directory.Exists($"/proc/self/fd/{mount}"))
        {
            Directory.CreateDirectory(target);
        }
        else if (!File.Exists(target))
        {
            // What is there already only gets covered: a cell whose root is nobody on the host may not write to it.
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.WriteAllBytes(target, []);
        }

        DetachedMount.Attach(mount, target);
        Descriptors.Close(mount);
    }

    private static void MakeReadOnly(string target)
    {
        const MountFlags Flags = MountFlags.Bind | MountFlags.Remount | MountFlags.ReadOnly;
        try
        {
            KernelMounts.Mount("none", target, null, Flags);
        }
        catch (LinuxException locked) when (locked.Errno == LinuxErrno.EPERM)
        {
            KernelMounts.Mount("none", target, null, Flags | MountFlags.NoSetUser | MountFlags.NoDevices);
        }
    }

    private static void Empty(string path, MountFlags flags) =>
        KernelMounts.Mount("none", path, "tmpfs", flags | MountFlags.ReadOnly, "size=0,mode=555");

    private static void Freeze(string path, MountFlags flags)
    {
        KernelMounts.Mount(path, path, null, MountFlags.Bind | MountFlags.Recursive);
        KernelMounts.Mount("none", path, null, MountFlags.Bind | MountFlags.Remount | MountFlags.ReadOnly | flags);
    }

    private static string MakeDirectory(string parent, string name)
    {
        var path = $"{parent}/{name}";
        Directory.CreateDirectory(path);
        return path;
    }
}
