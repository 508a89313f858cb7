using System.Diagnostics;

namespace Pewter.Images.Benchmarks;

/// <summary>
/// The same scattered reads from a disk of an image that is not in memory: as the first disk does them, and as the next do, whose image has
/// learnt from
/// the first what will be read. Each time the image's files are pushed out of the page cache before.
/// </summary>
internal static class Prefetch
{
    private const int Megabytes = 384;
    private const int Reads = 1500;
    private const int ReadBytes = 16 << 10;

    public static async Task RunAsync(Machine machine, int rounds)
    {
        var raw = Path.Combine(machine.Directory, "boot.raw");
        await using (var file = File.Create(raw))
        {
            var block = new byte[1 << 20];
            var random = new Random(7);
            for (var i = 0; i < Megabytes; i++)
            {
                random.NextBytes(block);
                await file.WriteAsync(block);
            }
        }

        await machine.Tree.CommandAsync("/image/ctl", ["import", raw, "boot"]);
        List<double> cold = [], warm = [];
        for (var i = 0; i < rounds; i++)
        {
            // Each round begins with an image that has learnt nothing.
            var name = $"boot{i}";
            await machine.Tree.CommandAsync("/image/ctl", ["import", raw, name]);
            cold.Add(await BootAsync(machine, name));
            warm.Add(await BootAsync(machine, name));
            await machine.Tree.CommandAsync($"/image/{name}/ctl", ["remove"]);
        }

        File.Delete(raw);
        var ratio = Row.Percentile(cold, 0.5) / Row.Percentile(warm, 0.5);
        Row.Print(
            "images.prefetch", ratio, "x", 1.1, atMost: false,
            FormattableString.Invariant($"{Reads} boot reads, cold {Row.Percentile(cold, 0.5):0} ms, learnt {Row.Percentile(warm, 0.5):0} ms"));
    }

    private static async Task<double> BootAsync(Machine machine, string image)
    {
        await ForgetAsync(machine);
        var disk = (await machine.Tree.CommandAsync("/disk/ctl", ["create", $"image={image}"]))[0];

        // What a machine takes from its disk's making to its first read, of which firmware and boot loader take more than this.
        await Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System);
        var took = Read(disk.Text("nbd"));
        await machine.Tree.CommandAsync(disk.Target + "/ctl", ["release", "force"]);
        return took;
    }

    private static double Read(string address)
    {
        using var client = new BootClient(address);
        var (random, buffer, began) = (new Random(11), new byte[ReadBytes], Stopwatch.GetTimestamp());
        for (var i = 0; i < Reads; i++)
        {
            client.Read((long)random.Next(Megabytes * 64) * ReadBytes, buffer);
        }

        return Stopwatch.GetElapsedTime(began).TotalMilliseconds;
    }

    // Only the store's files, and only clean pages: nobody else on the machine notices.
    private static async Task ForgetAsync(Machine machine)
    {
        await RunAsync("sync", ["-f", machine.Directory]);
        foreach (var file in Directory.GetFiles(Path.Combine(machine.Directory, "store"), "*.data"))
        {
            await RunAsync("dd", [$"if={file}", "iflag=nocache", "count=0", "status=none"]);
        }
    }

    private static async Task RunAsync(string program, IEnumerable<string> arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program}: {await errors}");
        }
    }
}
