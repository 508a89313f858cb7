using System.Diagnostics;

namespace Pewter.Machines.Benchmarks;

/// <summary>The list of a thousand nodes.</summary>
internal static class LongList
{
    public static async Task RunAsync(Machine machine)
    {
        const int Count = 1000;
        await machine.Tree.CommandAsync("/node/ctl", ["alloc", $"n={Count}", "kind=idle"]);
        var lists = new List<double>();
        for (var i = 0; i < 21; i++)
        {
            var began = Stopwatch.GetTimestamp();
            await machine.Tree.ReadBytesAsync("/node/json");
            lists.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }

        await machine.Tree.CommandAsync("/node/query/kind=idle/ctl", ["release"]);
        Row.Print("machines.node.list1000", Row.Median(lists), "ms", "", null, 200, "p50 of /node/json of 1,000 nodes");
    }
}
