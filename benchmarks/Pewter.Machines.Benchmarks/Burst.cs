using System.Diagnostics;
using System.Globalization;

namespace Pewter.Machines.Benchmarks;

/// <summary>Many cells by one command: made, listed, released by a query, and what they take of the memory.</summary>
internal static class Burst
{
    public static async Task RunAsync(Machine machine, int count)
    {
        var start = Stopwatch.GetTimestamp();
        var replies = await machine.Tree.CommandAsync("/node/ctl", ["alloc", $"n={count}"]);
        var made = Stopwatch.GetElapsedTime(start).TotalSeconds;
        if (replies.Count != count)
        {
            throw new InvalidOperationException($"{replies.Count} cells of {count}.");
        }

        var lists = new List<double>();
        for (var i = 0; i < 21; i++)
        {
            var began = Stopwatch.GetTimestamp();
            await machine.Tree.ReadBytesAsync("/node/json");
            lists.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }

        var memory = await MemoryAsync(machine, replies.Select(reply => reply.Target));
        start = Stopwatch.GetTimestamp();
        await machine.Tree.CommandAsync("/node/query/kind=cell/ctl", ["release"]);
        var released = Stopwatch.GetElapsedTime(start).TotalSeconds;
        Row.Print("machines.cell.burst", made, "s", "", null, 5.0 * count / 200, string.Create(CultureInfo.InvariantCulture, $"{count} cells by one command"));
        Row.Print("machines.cell.release", released, "s", "", null, 5.0 * count / 200, string.Create(CultureInfo.InvariantCulture, $"{count} cells by one query"));
        Row.Print("machines.node.list", Row.Median(lists), "ms", "", null, 40, string.Create(CultureInfo.InvariantCulture, $"/node/json of {count} nodes"));
        Row.Print("machines.cell.memory", memory, "MB", "", null, 10, "PSS of an idle cell's agent");
    }

    /// <summary>The proportional set size of the agents, in megabytes each.</summary>
    private static async Task<double> MemoryAsync(Machine machine, IEnumerable<string> nodes)
    {
        var sizes = new List<double>();
        foreach (var node in nodes.Take(20))
        {
            using var json = System.Text.Json.JsonDocument.Parse(await machine.Tree.ReadTextAsync(node + "/json"));
            var process = json.RootElement.GetProperty("handle").GetProperty("process").GetString();
            var line = File.ReadLines($"/proc/{process}/smaps_rollup").First(text => text.StartsWith("Pss:", StringComparison.Ordinal));
            sizes.Add(double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024);
        }

        return sizes.Average();
    }
}
