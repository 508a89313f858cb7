using System.Diagnostics;

namespace Pewter.Images.Benchmarks;

/// <summary>Clones and snapshots of an image of 100 GB, one after another, each durable when it is counted.</summary>
internal static class Changes
{
    private const string Image = "large";

    public static async Task RunAsync(Machine machine, int count)
    {
        await MakeImageAsync(machine);
        List<double> clones = [], snapshots = [];
        for (var i = 0; i < count + 20; i++)
        {
            var began = Stopwatch.GetTimestamp();
            var disk = (await machine.Tree.CommandAsync("/disk/ctl", ["create", $"image={Image}"]))[0].Target;
            var cloned = Stopwatch.GetTimestamp();
            await machine.Tree.CommandAsync(disk + "/ctl", ["snapshot"]);
            if (i >= 20)
            {
                clones.Add(Stopwatch.GetElapsedTime(began, cloned).TotalMilliseconds);
                snapshots.Add(Stopwatch.GetElapsedTime(cloned).TotalMilliseconds);
            }
        }

        Print("images.clone.p99", clones);
        Print("images.snapshot.p99", snapshots);
    }

    private static void Print(string id, List<double> times) => Row.Print(
        id, Row.Percentile(times, 0.99), "ms", 5, atMost: true, FormattableString.Invariant($"of 100 GB; p50 {Row.Percentile(times, 0.5):0.0} ms"));

    // Sparse, so that it takes no room; the time of a clone does not depend on what is in it.
    private static async Task MakeImageAsync(Machine machine)
    {
        await machine.Tree.CommandAsync("/disk/ctl", ["create", "size=100G", "name=seed"]);
        await machine.Tree.CommandAsync("/disk/seed/ctl", ["snapshot", Image]);
    }
}
