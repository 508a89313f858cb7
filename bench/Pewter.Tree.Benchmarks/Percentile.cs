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

    public static async Task<double> MedianAsync(int runs, Func<Task> run)
    {
        var times = new double[runs];
        for (var i = 0; i < runs; i++)
        {
            var began = Stopwatch.GetTimestamp();
            await run();
            times[i] = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        }

        Array.Sort(times);
        return times[runs / 2];
    }
}
