using System.Globalization;
using Pewter.Images.Initramfs;
using Pewter.Testing.Guests;

namespace Pewter.Networks.Benchmarks;

/// <summary>
/// Debian on a copy on write of one image as its root over NBD, from power on until the agent, a service of its systemd, serves: how long it takes, and
/// how much of the image goes over the wire, a machine, when many boot.
/// </summary>
internal static class DebianBoots
{
    // More machines at once than this only slow each other down where nothing helps with virtualisation.
    private const int AtOnce = 4;
    private const string Ready = "pewter-node: serving on";
    private static readonly string? Agent = Environment.GetEnvironmentVariable("PEWTER_NODE");

    public static bool CanRun(string cache)
    {
        if (DebianDisk.IsThere(cache) && Agent is not null)
            return true;
        Console.Error.WriteLine("Debian's boots need the disk of 'eng/debian-disk.sh' and pewter-node; they were not measured.");
        return false;
    }

    public static async Task RunAsync(Segment segment, string cache, int runs, int many)
    {
        var disk = await DebianDisk.WithAgentAsync(cache, Agent!, segment.Scratch);
        var size = new FileInfo(disk).Length;
        await segment.Tree.CommandAsync("/image/ctl", ["import", disk, "debian"]);
        var kernel = KernelBundle.Open(Path.Combine(cache, "kernels/cloud-6.1"));
        var initrd = Path.Combine(segment.Scratch, "agent.cpio");
        using (var file = File.Create(initrd))
            AgentGuest.Write(kernel, Agent!, file);
        var times = new List<double>();
        for (var i = 0; i < runs; i++)
            times.Add((await BootAsync(1)).Seconds);
        if (runs > 0)
            Row.Print("networks.boot.nbd", Row.Median(times), "s", "", null, 20, "p50, Debian's systemd on an NBD root, power on to its agent");
        if (many == 0)
            return;
        using var gate = new SemaphoreSlim(AtOnce);
        var boots = await Task.WhenAll(Enumerable.Range(1, many).Select(async card =>
        {
            await gate.WaitAsync();
            try
            {
                return await BootAsync(card);
            }
            finally
            {
                gate.Release();
            }
        }));
        var sent = boots.Average(boot => boot.Bytes) + new FileInfo(kernel.Vmlinuz).Length + new FileInfo(initrd).Length;
        Row.Print(
            "networks.boot.wire", 100.0 * sent / size, "% of the image", "", null, 10,
            $"{many} machines from one image, {AtOnce} at a time: kernel, initramfs and blocks of each, {sent / (1 << 20):0} MiB");

        async Task<(double Seconds, long Bytes)> BootAsync(int card)
        {
            var (tree, mac) = (segment.Tree, await segment.ToldAsync(card, "mac"));
            var address = (await segment.ToldAsync(card, "address")).Split('/')[0];
            var id = (await tree.CommandAsync("/disk/ctl", ["create", "image=debian"]))[0].Text("id");
            var root = (await tree.CommandAsync($"/disk/{id}/ctl", ["reach", "lab", address]))[0].Text("nbd");
            await tree.CommandAsync(
                "/net/lab/ctl",
                [
                    "boot", mac, $"kernel={kernel.Vmlinuz}", $"initrd={initrd}",
                    "cmdline=console=ttyS0 quiet loglevel=4 panic=-1 net.ifnames=0 random.trust_cpu=on "
                        + $"ip={{{{address}}}}::{{{{gateway}}}}:{{{{netmask}}}}::eth0:off pewter.root={root} pewter.seed=http://{{{{gateway}}}}/seed/{mac}",
                ]);
            var seed = Path.Combine(segment.Scratch, $"seed-{card}");
            Directory.CreateDirectory(seed);
            await File.WriteAllTextAsync(Path.Combine(seed, "agent"), $"identity=n{card} key={new string('0', 64)} port=564\n");
            await tree.CommandAsync("/net/lab/ctl", ["seed", mac, $"directory={seed}"]);
            var (console, took) = await DisklessMachine.BootAsync(
                await segment.ToldAsync(card, "netns"), await segment.ToldAsync(card, "port"), mac, "", CancellationToken.None, Ready);
            var traffic = await tree.ReadTextAsync($"/disk/{id}/traffic");
            await tree.CommandAsync($"/disk/{id}/ctl", ["release", "force"]);
            var read = traffic.Split(' ').First(word => word.StartsWith("bytesread=", StringComparison.Ordinal))["bytesread=".Length..];
            return took > TimeSpan.Zero ? (took.TotalSeconds, long.Parse(read, CultureInfo.InvariantCulture))
                : throw new InvalidOperationException($"It did not become ready:\n{console}");
        }
    }
}
