namespace Pewter.NineP.Benchmarks;

/// <summary>Interleaves both servers, row by row and round by round, and takes medians.</summary>
internal static class Measurement
{
    private static readonly (string Id, IOperation Operation, int Depth, double Target)[] Loads =
    [
        ("getattr.depth1", new GetAttributes(), 1, 1),
        ("getattr.depth32", new GetAttributes(), 32, 5),
        ("walk-clunk.depth32", new WalkAndClunk(), 32, 5),
        ("read4k.depth1", new Read4K(), 1, 1),
        ("read4k.depth32", new Read4K(), 32, 4),
    ];

    public static IEnumerable<Row> Run(Rivals rivals, int rounds, TimeSpan duration)
    {
        using var ours = new LoadGenerator(rivals.Ours);
        using var theirs = new LoadGenerator(rivals.Diod);
        foreach (var load in Loads)
            ours.Run(load.Operation, load.Depth, duration);
        foreach (var load in Loads)
        {
            var samples = Enumerable.Range(0, rounds)
                .Select(_ => (Ours: Sample(rivals.Ours, ours, load.Operation, load.Depth, duration),
                    Theirs: Sample(rivals.Diod, theirs, load.Operation, load.Depth, duration)))
                .ToArray();
            var rate = (Ours: Median(samples.Select(s => s.Ours.Rate)), Theirs: Median(samples.Select(s => s.Theirs.Rate)));
            var cpu = (Ours: Median(samples.Select(s => s.Ours.Cpu)), Theirs: Median(samples.Select(s => s.Theirs.Cpu)));
            yield return new Row($"ninep.{load.Id}", rate.Ours, "op/s", "diod", rate.Theirs, rate.Ours / rate.Theirs, ">=", load.Target);
            if (load.Depth > 1)
            {
                yield return new Row($"ninep.{load.Id}.cpu", cpu.Ours, "us/op", "diod", cpu.Theirs, cpu.Ours / cpu.Theirs, "<=", 0.25);
                yield return Allocation(load.Id, ours, load.Operation, load.Depth, duration);
            }
        }
    }

    /// <summary>Allocated bytes an operation, less what asking for it costs.</summary>
    private static Row Allocation(string id, LoadGenerator ours, IOperation operation, int depth, TimeSpan duration)
    {
        var cost = -ours.AllocatedByServer() + ours.AllocatedByServer();
        var before = ours.AllocatedByServer();
        var (operations, _) = ours.Run(operation, depth, duration);
        var bytes = ours.AllocatedByServer() - before - cost;
        var perOperation = Math.Round((double)bytes / operations, 2);
        return new Row($"ninep.{id}.allocated", perOperation, "B/op", "none", 0, perOperation, "<=", 0.05);
    }

    private static (double Rate, double Cpu) Sample(
        Rivals.Server server, LoadGenerator load, IOperation operation, int depth, TimeSpan duration)
    {
        var before = server.CpuTime();
        var (operations, elapsed) = load.Run(operation, depth, duration);
        return (operations / elapsed.TotalSeconds, (server.CpuTime() - before).TotalMicroseconds / operations);
    }

    private static double Median(IEnumerable<double> values) => values.Order().ToArray() is var sorted ? sorted[sorted.Length / 2] : 0;
}
