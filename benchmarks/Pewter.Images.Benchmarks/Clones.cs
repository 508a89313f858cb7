using System.Diagnostics;

namespace Pewter.Images.Benchmarks;

/// <summary>Many disks of an image by one command: durable, served, with an address each.</summary>
internal static class Clones
{
    public static async Task RunAsync(Machine machine, int count)
    {
        List<double> times = [];
        for (var i = 0; i < 3; i++)
        {
            var began = Stopwatch.GetTimestamp();
            var made = await machine.Tree.CommandAsync("/disk/ctl", ["create", "image=large", $"count={count}"]);
            times.Add(Stopwatch.GetElapsedTime(began).TotalSeconds);
            if (made.Count != count || made[^1].Text("nbd").Length == 0)
            {
                throw new InvalidOperationException($"{made.Count} disks of {count}.");
            }
        }

        Row.Print(
            "images.clones.1000", times.Order().First(), "s", 2.0 * count / 1000, atMost: true,
            FormattableString.Invariant($"{count} disks by one command; the slowest of three {times.Max():0.00} s"));
    }
}
