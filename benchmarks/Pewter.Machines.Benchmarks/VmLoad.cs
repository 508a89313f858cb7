using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Pewter.NineP.Serving;

namespace Pewter.Machines.Benchmarks;

/// <summary>
/// Machines: booted, from a warm template, forked one by one and many at once, beside the cold boot of the same guest.
/// </summary>
internal static class VmLoad
{
    public static async Task RunAsync(Machine machine, bool quick)
    {
        var cold = await ColdAsync(machine, quick ? 2 : 5);
        var warm = new List<double>();
        var parent = await TimedAsync(machine, warm, []);
        for (var i = 0; i < (quick ? 4 : 15); i++)
        {
            await ReleaseAsync(machine, await TimedAsync(machine, warm, []));
        }

        Row.Print("machines.vm.cold", cold, "ms", "", null, 3000, "p50, alloc to ready, direct boot without a template");
        Row.Print("machines.vm.warm", Row.Median(warm), "ms", "cold boot", cold, 400, "p50, alloc to ready of an image that was booted before");
        await OneByOneAsync(machine, parent, cold, quick ? 5 : 20);
        await ManyAsync(machine, parent, quick ? 16 : 64, 5, 30);
        if (!quick)
        {
            await ManyAsync(machine, parent, 256, 30, 32);
        }

        await ReleaseAsync(machine, parent);
    }

    // A command line of its own keeps each of them from being taken from a template.
    private static async Task<double> ColdAsync(Machine machine, int runs)
    {
        var times = new List<double>();
        for (var i = 0; i < runs; i++)
        {
            await ReleaseAsync(machine, await TimedAsync(machine, times, [$"append=run={i}"]));
        }

        return Row.Median(times);
    }

    private static async Task<string> TimedAsync(Machine machine, List<double> times, string[] words)
    {
        var start = Stopwatch.GetTimestamp();
        var node = (await machine.Tree.CommandAsync("/node/ctl", ["alloc", "kind=vm", .. words]))[0].Target;
        await using var wait = await machine.Tree.OpenAsync(node + "/wait", OpenFlags.ReadWrite);
        await wait.WriteTextAsync("ready");
        var line = await wait.ReadLineAsync() ?? "";
        times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        return line.Contains("state=ready", StringComparison.Ordinal) ? node : throw new InvalidOperationException(line);
    }

    private static async Task OneByOneAsync(Machine machine, string parent, double cold, int runs)
    {
        var times = new List<double>();
        for (var i = 0; i < runs + 2; i++)
        {
            // Whoever forks by hand leaves the pool the moment that it needs to fill again.
            await Task.Delay(TimeSpan.FromMilliseconds(700), TimeProvider.System);
            var start = Stopwatch.GetTimestamp();
            var copy = (await machine.Tree.CommandAsync(parent + "/ctl", ["fork"]))[0].Target;
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            await ReleaseAsync(machine, copy);
        }

        var p50 = Row.Median(times.Skip(2));
        Row.Print("machines.vm.fork", p50, "ms", "cold boot", cold, 120, "p50 of one fork from the pool, ready with its own identity");
        Row.Print("machines.vm.fork.ratio", p50 / cold, "of a cold boot", "", null, 0.1, "the same, beside a cold boot of the same minute");
    }

    private static async Task ManyAsync(Machine machine, string parent, int count, double seconds, double megabytes)
    {
        var start = Stopwatch.GetTimestamp();
        var copies = await machine.Tree.CommandAsync(parent + "/ctl", ["fork", $"n={count}"]);
        var took = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var memory = new List<double>();
        foreach (var copy in copies)
        {
            using var json = JsonDocument.Parse(await machine.Tree.ReadTextAsync(copy.Target + "/json"));
            memory.Add(Memory(json.RootElement.GetProperty("handle").GetProperty("process").GetString()!));
        }

        var id = string.Create(CultureInfo.InvariantCulture, $"machines.vm.fork{count}");
        Row.Print(id, took, "s", "", null, seconds, string.Create(CultureInfo.InvariantCulture, $"{count} forks by one command, all ready"));
        Row.Print(id + ".memory", memory.Average(), "MB", "", null, megabytes, "PSS of each");
        await Task.WhenAll(copies.Select(copy => ReleaseAsync(machine, copy.Target)));
    }

    private static double Memory(string process)
    {
        var line = File.ReadLines($"/proc/{process}/smaps_rollup").First(text => text.StartsWith("Pss:", StringComparison.Ordinal));
        return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
    }

    private static async Task ReleaseAsync(Machine machine, string node) => await machine.Tree.CommandAsync(node + "/ctl", ["release"]);
}
