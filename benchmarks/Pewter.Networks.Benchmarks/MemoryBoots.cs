using Pewter.Images.Initramfs;
using Pewter.Testing.Guests;

namespace Pewter.Networks.Benchmarks;

/// <summary>
/// A guest that is all in memory, until it has told the segment that it is ready, beside the same kernel and initramfs loaded by QEMU itself, in turns.
/// </summary>
internal static class MemoryBoots
{
    public static async Task RunAsync(Segment segment, string cache, int runs)
    {
        var kernel = KernelBundle.Open(Path.Combine(cache, "kernels/cloud-6.1"));
        var initrd = DisklessMachine.Build(kernel, segment.Scratch);
        var direct = $"-kernel {kernel.Vmlinuz} -initrd {initrd} -append '{DisklessMachine.CommandLine}'";
        var (network, again, bare) = (new List<double>(), new List<double>(), new List<double>());
        for (var i = 0; i < runs; i++)
        {
            network.Add(await BootAsync("first", ""));
            again.Add(await BootAsync("second", ""));
            bare.Add(await BootAsync("second", direct));
        }

        Row.Print(
            "networks.boot.ram", Row.Median(network), "s", "qemu -kernel", Row.Median(bare), 7, "p50, power on to ready, over DHCP, iPXE and HTTP");
        Row.Print(
            "networks.boot.again", Row.Median(again) / Row.Median(network), "of the boot", "", null, 1.2,
            "p50, the same machine provisioned anew with something else to boot");

        async Task<double> BootAsync(string name, string loader)
        {
            await segment.ToldAsync(1, "mac");
            await segment.Tree.CommandAsync(
                "/net/lab/ctl",
                ["boot", "n1.eth0", $"kernel={kernel.Vmlinuz}", $"initrd={initrd}", $"cmdline={DisklessMachine.CommandLine} image={name}"]);
            var (console, took) = await DisklessMachine.BootAsync(
                await segment.ToldAsync(1, "netns"), await segment.ToldAsync(1, "port"), await segment.ToldAsync(1, "mac"), loader,
                CancellationToken.None);
            return took > TimeSpan.Zero ? took.TotalSeconds : throw new InvalidOperationException($"It did not become ready:\n{console}");
        }
    }
}
