using System.Text;

namespace Pewter.Images.Initramfs;

/// <summary>
/// The smallest guest that can be worked with: an initramfs with the agent as process 1, busybox for a shell, and the
/// drivers of virtual devices. All of it is in memory.
/// </summary>
public static class AgentGuest
{
    private const string Shell = "/bin/busybox";

    private static readonly string[] Directories =
        ["/dev", "/proc", "/sys", "/run", "/tmp", "/root", "/mnt", "/etc", "/sbin", "/usr/bin", "/usr/sbin", "/var/tmp"];

    // The order matters to nobody: dependencies come by themselves.
    private static readonly string[] Drivers =
    [
        "virtio_mmio", "virtio_pci", "virtio_console", "virtio_rng", "virtio_net", "virtio_blk", "af_packet", "nbd", "overlay",
        "9pnet_virtio", "9p",
    ];

    /// <summary>Writes the archive.</summary>
    /// <param name="kernel">The kernel that it will run on.</param>
    /// <param name="agentPath">The agent's program, which needs no library.</param>
    /// <param name="output">Where it goes.</param>
    public static void Write(KernelBundle kernel, string agentPath, Stream output)
    {
        var archive = new CpioWriter(output);
        foreach (var directory in Directories)
        {
            archive.AddDirectory(directory);
        }

        archive.AddCharacterDevice("/dev/console", 5, 1);
        archive.AddCharacterDevice("/dev/null", 1, 3, 0x1B6);
        archive.AddFile("/init", File.ReadAllBytes(agentPath), 0x1ED);
        AddShell(archive);
        AddDrivers(kernel, archive);
        archive.AddFile("/etc/passwd", "root:x:0:0:root:/root:/bin/sh\n"u8);
        archive.AddFile("/etc/group", "root:x:0:\n"u8);
        archive.Complete();
    }

    private static void AddShell(CpioWriter archive)
    {
        if (!File.Exists(Shell))
        {
            return;
        }

        archive.AddFile(Shell, File.ReadAllBytes(Shell), 0x1ED);
        foreach (var name in Applets)
        {
            archive.AddSymlink($"/bin/{name}", "busybox");
        }
    }

    private static void AddDrivers(KernelBundle kernel, CpioWriter archive)
    {
        var list = new StringBuilder();
        foreach (var module in kernel.ResolveModules(Drivers))
        {
            var path = $"/lib/modules/{Path.GetFileName(module)}";
            archive.AddFile(path, File.ReadAllBytes(module));
            list.Append(path).Append('\n');
        }

        archive.AddFile("/lib/pewter/modules", Encoding.UTF8.GetBytes(list.ToString()));
    }

    // Only names: all of them are the same program.
    private static readonly string[] Applets = (
        "sh ash awk basename cat chmod chown clear cp cut date dd df dirname dmesg du echo env expr false "
        + "find free grep head hexdump hostname id ifconfig insmod ip kill less ln ls lsmod md5sum mkdir mknod "
        + "mktemp modprobe more mount mv nc nproc nslookup od ping poweroff printf ps pwd reboot rm rmdir route "
        + "sed seq sha256sum sleep sort stat stty sync tail tar tee test time timeout top touch tr traceroute "
        + "true tty umount uname uniq uptime vi wc wget which whoami xargs yes").Split(' ');
}
