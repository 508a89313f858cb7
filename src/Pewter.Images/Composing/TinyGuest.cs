using System.Text;
using Pewter.Images.Initramfs;

namespace Pewter.Images.Composing;

/// <summary>
/// The smallest guest there is: the agent as process 1, busybox, and the modules of virtual hardware, all in memory. With a directory, that
/// directory's files are in it too, and win.
/// </summary>
internal static class TinyGuest
{
    private const uint Executable = 0x1ED;

    // What a guest may meet; a kernel that has one built in, or not at all, is passed over.
    private static readonly string[] Modules =
    [
        "virtio_pci", "virtio_mmio", "virtio_net", "virtio_blk", "virtio_console", "virtio_rng", "virtio_balloon", "virtio_scsi", "sd_mod",
        "af_packet", "ipv6", "ext4", "overlay", "nbd", "e1000", "e1000e", "9p", "9pnet_virtio", "qemu_fw_cfg",
    ];

    private static readonly (string Path, string Text)[] Files =
    [
        ("/etc/passwd", "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n"),
        ("/etc/group", "root:x:0:\nnogroup:x:65534:\n"),
        ("/etc/hosts", "127.0.0.1 localhost\n::1 localhost\n"),
        ("/etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\n"),
    ];

    /// <summary>Writes the initramfs.</summary>
    /// <param name="path">The file to write.</param>
    /// <param name="kernel">The kernel that it is for.</param>
    /// <param name="directory">A directory whose files are added; null for none.</param>
    /// <param name="cancellation">Gives up; the file is then half written.</param>
    public static async ValueTask WriteAsync(string path, KernelBundle kernel, string? directory, CancellationToken cancellation)
    {
        var agent = Composer.Agent();
        var busybox = await Busybox.FindAsync(cancellation);
        await using var file = File.Create(path);
        await using var buffered = new BufferedStream(file, 1 << 20);
        var archive = new CpioWriter(buffered);
        archive.AddFile("/init", await File.ReadAllBytesAsync(agent, cancellation), Executable);
        foreach (var empty in (string[])["/dev", "/proc", "/sys", "/run", "/tmp", "/root", "/mnt", "/var/log"])
        {
            archive.AddDirectory(empty);
        }

        archive.AddCharacterDevice("/dev/console", 5, 1);
        archive.AddCharacterDevice("/dev/null", 1, 3, 0x1B6);
        AddModules(archive, kernel);
        var taken = directory is null ? [] : DirectoryArchive.Add(archive, directory, cancellation);
        foreach (var (name, text) in Files.Where(each => !taken.Contains(each.Path)))
        {
            archive.AddFile(name, Encoding.UTF8.GetBytes(text));
        }

        await AddBusyboxAsync(archive, busybox, taken, cancellation);
        archive.Complete();
        await buffered.FlushAsync(cancellation);
        file.Flush(flushToDisk: true);
    }

    private static void AddModules(CpioWriter archive, KernelBundle kernel)
    {
        var list = new StringBuilder();
        foreach (var module in kernel.ResolveModules(Modules))
        {
            var place = $"/lib/pewter/{Path.GetFileName(module)}";
            archive.AddFile(place, File.ReadAllBytes(module));
            list.Append(place).Append('\n');
        }

        archive.AddFile("/lib/pewter/modules", Encoding.UTF8.GetBytes(list.ToString()));
    }

    private static async ValueTask AddBusyboxAsync(CpioWriter archive, string busybox, HashSet<string> taken, CancellationToken cancellation)
    {
        if (taken.Contains("/bin") || taken.Contains("/bin/busybox"))
        {
            // A system that brings its own programs, maybe behind links, needs none of ours.
            return;
        }

        archive.AddFile("/bin/busybox", await File.ReadAllBytesAsync(busybox, cancellation), Executable);
        var applets = await Tool.RunAsync("busybox-static", busybox, ["--list"], cancellation);
        foreach (var applet in applets.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (applet != "busybox" && !taken.Contains($"/bin/{applet}"))
            {
                archive.AddSymlink($"/bin/{applet}", "busybox");
            }
        }

        foreach (var directory in ((string[])["/sbin", "/usr/bin", "/usr/sbin"]).Where(each => !taken.Contains(each)))
        {
            archive.AddSymlink(directory, "/bin");
        }
    }
}
