using System.Diagnostics;

namespace Pewter.Tree.Benchmarks;

/// <summary>Times of repeated runs.</summary>
internal static class Percentile
{
    public static double[] Milliseconds(int runs, Action run)
    {
        var times = new double[runs];
        for (var i = 0; i < runs; i++)
        {
            var began = Stopwatch.GetTimestamp();
            run();
            times[i] = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        }

        Array.Sort(times);
        return times;
    }

    /// <summary>The median time of a run, and the CPU time of one, which says what a busy machine hides.</summary>
    public static async Task<(double Median, double Cpu)> MedianAsync(int runs, Func<Task> run)
    {
        var times = new double[runs];
        var before = Environment.CpuUsage.TotalTime;
        for (var i = 0; i < runs; i++)
        {
            var began = Stopwatch.GetTimestamp();
            await run();
            times[i] = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        }

        Array.Sort(times);
        return (times[runs / 2], (Environment.CpuUsage.TotalTime - before).TotalMilliseconds / runs);
    }
}
