using Pewter.Images.Initramfs;
using Pewter.Networks.Benchmarks;
using Pewter.Testing.Guests;

// Network boot, from power on until the machine's own system has told the segment that it is ready, beside the same kernel and initramfs
// loaded by QEMU itself, in turns.
var cache = Environment.GetEnvironmentVariable("PEWTER_CACHE")
    ?? Path.Combine(Environment.GetEnvironmentVariable("HOME") ?? "/root", ".cache", "pewter");
var folder = Path.Combine(cache, "kernels", "cloud-6.1");
if (!Environment.IsPrivilegedProcess || !File.Exists(Path.Combine(folder, "release")))
{
    Console.Error.WriteLine("Network boot needs root and the guest kernel of 'eng/kernels.sh cloud-6.1'; nothing was measured.");
    return 1;
}

var runs = args.Contains("--quick") ? 1 : 5;
var kernel = KernelBundle.Open(folder);
await using var segment = await Segment.StartAsync();
var initrd = DisklessMachine.Build(kernel, segment.Scratch);
var direct = $"-kernel {kernel.Vmlinuz} -initrd {initrd} -append '{DisklessMachine.CommandLine}'";
var (network, again, bare) = (new List<double>(), new List<double>(), new List<double>());
for (var i = 0; i < runs; i++)
{
    network.Add(await BootAsync("first", ""));
    again.Add(await BootAsync("second", ""));
    bare.Add(await BootAsync("second", direct));
}

Row.Print("networks.boot.ram", Row.Median(network), "s", "qemu -kernel", Row.Median(bare), 7, "p50, power on to ready, over DHCP, iPXE and HTTP");
Row.Print(
    "networks.boot.again", Row.Median(again) / Row.Median(network), "of the boot", "", null, 1.2,
    "p50, the same machine provisioned anew with something else to boot");
return 0;

async Task<double> BootAsync(string name, string loader)
{
    await segment.Tree.CommandAsync(
        "/net/lab/ctl", ["boot", "n1.eth0", $"kernel={kernel.Vmlinuz}", $"initrd={initrd}", $"cmdline={DisklessMachine.CommandLine} image={name}"]);
    var (console, took) = await DisklessMachine.BootAsync(
        segment.Told("netns"), segment.Told("port"), segment.Told("mac"), loader, CancellationToken.None);
    return took > TimeSpan.Zero ? took.TotalSeconds : throw new InvalidOperationException($"It did not become ready:\n{console}");
}
