using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Pewter.Images.Initramfs;
using Pewter.Testing;
using Pewter.Testing.Guests;

namespace Pewter.Networks.Tests;

/// <summary>Machines that have nothing but a network card boot a kernel and an initramfs from the segment.</summary>
public sealed class NetworkBootTests
{
    // Ready is when its own system has its address from our server and has told the segment so, by HTTP.
    private const string Init = """
        #!/bin/busybox sh
        /bin/busybox mkdir -p /proc /sys /dev /etc /bin
        /bin/busybox --install -s /bin
        export PATH=/bin
        mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev
        for module in $(cat /modules.order); do insmod /modules/$module; done
        printf '#!/bin/sh\n[ "$1" = bound ] && { ip addr add $ip/$mask dev eth0; echo "address $ip of $domain"; }\nexit 0\n' > /bin/got; chmod +x /bin/got
        ip link set eth0 up
        udhcpc -i eth0 -q -n -f -t 20 -T 1 -s /bin/got >/dev/console 2>&1
        wget -q -O - http://10.42.0.1/boot/$(cat /sys/class/net/eth0/address) >/dev/null && echo "machine-ready"
        reboot -f
        """;

    [Fact]
    public async Task A_machine_boots_into_memory_and_another_image_on_the_same_machine_is_as_quick()
    {
        var kernel = Guest.RequireKernel("cloud-6.1");
        await using var house = await NetworkHouse.StartAsync(RealPlane.Options());
        var initrd = Build(kernel, house.Scratch);
        await house.CreateAsync("name=lab", "cidr=10.42.0.0/24");
        var port = await house.ConnectAsync("lab", "n1");
        var words = new[] { "boot", "n1.eth0", $"kernel={kernel.Vmlinuz}", $"initrd={initrd}",
            "cmdline=console=ttyS0 quiet panic=-1 reboot=t net.ifnames=0" };
        await house.Admin.CommandAsync("/net/lab/ctl", words);
        var (console, first) = await BootAsync(port);
        Assert.Contains("address 10.42.0.2 of lab.pewter", console);
        Assert.Contains("machine-ready", console);

        // Provisioned anew: another command line and another name of the same files, the same machine.
        words[^1] += " again=yes";
        await house.Admin.CommandAsync("/net/lab/ctl", words);
        (console, var second) = await BootAsync(port);
        Assert.Contains("machine-ready", console);
        TestContext.Current.SendDiagnosticMessage(string.Create(
            CultureInfo.InvariantCulture,
                $"network boot, power on to ready: {first.TotalSeconds:0.0} s; provisioned anew {second.TotalSeconds:0.0} s"));
    }

    private static async Task<(string Console, TimeSpan Took)> BootAsync(JsonElement port)
    {
        var start = Stopwatch.GetTimestamp();
        using var machine = Shell.Start(
            $"exec nsenter --net={port.GetProperty("netns").GetString()} timeout 170 qemu-system-x86_64 -M pc,graphics=off -nodefaults "
            + "-accel tcg -m 512 -no-reboot -display none -serial stdio -boot n "
            + $"-netdev tap,id=n0,ifname={port.GetProperty("port").GetString()},script=no,downscript=no "
            + $"-device virtio-net-pci,netdev=n0,mac={port.GetProperty("mac").GetString()}");
        var console = new StringBuilder();
        var took = TimeSpan.Zero;
        while (await machine.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            console.Append(line).Append('\n');
            if (took == TimeSpan.Zero && line.Contains("machine-ready", StringComparison.Ordinal))
                took = Stopwatch.GetElapsedTime(start);
        }

        return (console.ToString(), took);
    }

    private static string Build(KernelBundle kernel, string folder)
    {
        var path = Path.Combine(folder, "initrd.cpio");
        using var file = File.Create(path);
        var archive = new CpioWriter(file);
        archive.AddFile("/init", Encoding.UTF8.GetBytes(Init), 0x1ED);
        archive.AddFile("/bin/busybox", File.ReadAllBytes("/bin/busybox"), 0x1ED);
        archive.AddSymlink("/bin/sh", "busybox");
        archive.AddDirectory("/dev");
        archive.AddCharacterDevice("/dev/console", 5, 1);
        archive.AddCharacterDevice("/dev/null", 1, 3, 0x1B6);
        var modules = kernel.ResolveModules(["virtio_pci", "virtio_net", "af_packet"]);
        foreach (var module in modules)
            archive.AddFile("/modules/" + Path.GetFileName(module), File.ReadAllBytes(module));
        archive.AddFile("/modules.order", Encoding.UTF8.GetBytes(string.Join('\n', modules.Select(Path.GetFileName)) + "\n"));
        archive.Complete();
        return path;
    }
}
