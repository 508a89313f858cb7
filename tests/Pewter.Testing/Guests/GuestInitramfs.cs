using System.Diagnostics;
using System.Text.RegularExpressions;
using Pewter.Images.Initramfs;

namespace Pewter.Testing.Guests;

/// <summary>Builds the initramfs of a <see cref="Guest"/>: busybox, the modules, the test's files and a shell on the serial line.</summary>
internal static partial class GuestInitramfs
{
    // The host sends one line a command and reads up to the marker that carries its exit code.
    private const string Init = """
        #!/bin/busybox sh
        /bin/busybox mkdir -p /proc /sys /dev /tmp /run /mnt /usr/sbin /usr/bin /sbin /etc
        /bin/busybox --install -s /bin
        export PATH=/bin:/sbin:/usr/bin:/usr/sbin HOME=/ LD_LIBRARY_PATH=/lib:/lib/x86_64-linux-gnu:/usr/lib/x86_64-linux-gnu
        mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev 2>/dev/null
        mkdir -p /dev/pts /dev/shm; mount -t devpts devpts /dev/pts; mount -t tmpfs tmpfs /dev/shm
        for module in $(cat /modules.order); do insmod /modules/$module || echo "insmod $module failed"; done
        ip link set lo up
        if [ -e /sys/class/net/eth0 ] && [ -e /user-network ]; then
          ip addr add 10.0.2.15/24 dev eth0; ip link set eth0 up; ip route add default via 10.0.2.2
        fi
        stty -echo -onlcr < /dev/ttyS0
        echo "guest-ready"
        while IFS= read -r line; do
          eval "$line"
          code=$?; echo; echo "guest-end $code"
        done < /dev/ttyS0
        """;

    public static string Build(GuestOptions options, KernelBundle kernel, string folder)
    {
        var path = Path.Combine(folder, "initramfs.cpio");
        using var file = File.Create(path);
        var archive = new CpioWriter(file);
        archive.AddFile("/init", System.Text.Encoding.UTF8.GetBytes(Init), 0x1ED);
        archive.AddFile("/bin/busybox", File.ReadAllBytes("/bin/busybox"), 0x1ED);
        archive.AddSymlink("/bin/sh", "busybox");
        archive.AddDirectory("/dev");
        archive.AddCharacterDevice("/dev/console", 5, 1);
        archive.AddCharacterDevice("/dev/null", 1, 3, 0x1B6);
        if (options.UserNetwork) archive.AddFile("/user-network", []);
        AddModules(options, kernel, archive);
        AddFiles(options, archive);
        archive.Complete();
        return path;
    }

    private static void AddModules(GuestOptions options, KernelBundle kernel, CpioWriter archive)
    {
        var network = options.UserNetwork ? new[] { "virtio_pci", "virtio_net", "af_packet" } : ["virtio_pci"];
        var modules = kernel.ResolveModules([.. network, .. options.Modules]);
        foreach (var module in modules) archive.AddFile("/modules/" + Path.GetFileName(module), File.ReadAllBytes(module));
        var order = string.Join('\n', modules.Select(Path.GetFileName)) + "\n";
        archive.AddFile("/modules.order", System.Text.Encoding.UTF8.GetBytes(order));
    }

    private static void AddFiles(GuestOptions options, CpioWriter archive)
    {
        var added = new HashSet<string>();
        foreach (var (guestPath, hostPath) in options.Files)
        {
            archive.AddFile(guestPath, File.ReadAllBytes(hostPath), 0x1ED);
            foreach (var library in SharedLibraries(hostPath))
                if (added.Add(library)) archive.AddFile(library, File.ReadAllBytes(library), 0x1ED);
        }
    }

    private static IEnumerable<string> SharedLibraries(string program)
    {
        using var ldd = Process.Start(new ProcessStartInfo("ldd", [program])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        var text = ldd.StandardOutput.ReadToEnd();
        ldd.WaitForExit();
        return AbsolutePath().Matches(text).Select(match => match.Value);
    }

    [GeneratedRegex(@"/[^\s()]+\.so[^\s()]*")]
    private static partial Regex AbsolutePath();
}
