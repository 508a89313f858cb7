namespace Pewter.Blocks.Benchmarks.Nbd;

/// <summary>The NBD rows: each load on our server and on every rival in turn, several rounds, medians.</summary>
internal sealed class NbdBenchmarks(string folder, string baseFile, bool quick)
{
    private static readonly NbdLoad[] Reads =
    [
        new("nbd.read4k.c1d1", 1, 1, 4096, false, false),
        new("nbd.read4k.c1d16", 1, 16, 4096, false, false),
        new("nbd.read4k.c4d8", 4, 8, 4096, false, false),
        new("nbd.read4k.c16d4", 16, 4, 4096, false, false),
        new("nbd.read128k.c1d4", 1, 4, 128 << 10, false, true),
    ];

    private readonly Rivals _rivals = new(folder, baseFile);
    private readonly int _rounds = quick ? 3 : 5;
    private readonly TimeSpan _duration = TimeSpan.FromSeconds(quick ? 0.7 : 2);

    public void RunReads()
    {
        (ServerProcess Server, string Socket)[] servers =
            [_rivals.Ours(1), _rivals.QemuRaw(), _rivals.QemuOverlay(), _rivals.NbdkitFile(), _rivals.NbdkitCow()];
        try
        {
            foreach (NbdLoad load in Reads)
                Report(load, Measure(load, servers));
        }
        finally
        {
            foreach ((ServerProcess server, _) in servers)
                server.Dispose();
        }
    }

    /// <summary>Random writes on a fresh clone each round.</summary>
    public void RunWrites()
    {
        foreach (NbdLoad load in (NbdLoad[])[new("nbd.write4k.c1d16", 1, 16, 4096, true, false), new("nbd.write4k.c4d8", 4, 8, 4096, true, false)])
        {
            var results = new Dictionary<string, List<LoadResult>>();
            for (int round = 0; round < _rounds; round++)
            {
                Func<(ServerProcess, string)>[] starts = [() => _rivals.Ours(1), _rivals.QemuOverlay, _rivals.NbdkitCow];
                foreach (Func<(ServerProcess Server, string Socket)> start in starts)
                {
                    (ServerProcess server, string socket) = start();
                    using (server)
                        Add(results, server.Name, load.Run(server, _ => new NbdLoadClient(socket, Rivals.Export), _duration, round * 100));
                }
            }

            LoadResult ours = Median(results["pewter"]);
            foreach ((string rival, double target) in (ReadOnlySpan<(string, double)>)[("qemu-nbd qcow2", 1.5), ("nbdkit cow", 1)])
            {
                LoadResult theirs = Median(results[rival]);
                Row.AtLeast(load.Id, ours.PerSecond, "op/s", rival, theirs.PerSecond, target, Cpu(ours, theirs)).Print();
            }
        }
    }

    private Dictionary<string, List<LoadResult>> Measure(NbdLoad load, (ServerProcess Server, string Socket)[] servers)
    {
        var results = new Dictionary<string, List<LoadResult>>();
        for (int round = 0; round <= _rounds; round++)
        {
            foreach ((ServerProcess server, string socket) in servers)
            {
                LoadResult result = load.Run(server, _ => new NbdLoadClient(socket, Rivals.Export), _duration, round * 100);
                if (round > 0)
                    Add(results, server.Name, result);
            }
        }

        return results;
    }

    private static void Report(NbdLoad load, Dictionary<string, List<LoadResult>> results)
    {
        LoadResult ours = Median(results["pewter"]);
        (string rival, LoadResult best) = results.Where(r => r.Key != "pewter").Select(r => (r.Key, Median(r.Value))).MaxBy(r => r.Item2.PerSecond);
        (double speed, double cpu) = load switch
        {
            { IsSequential: true } => (1.3, 1),
            { Connections: 1, Depth: 1 } => (1, 1),
            { Connections: 1 } => (1.8, 0.4),
            _ => (2.5, 0.4),
        };
        string all = string.Join(", ", results.Select(r => Describe(r.Key, Median(r.Value))));
        if (load.IsSequential)
            Row.AtLeast(load.Id, ours.MegabytesPerSecond, "MB/s", rival, best.MegabytesPerSecond, speed, all).Print();
        else
            Row.AtLeast(load.Id, ours.PerSecond, "op/s", rival, best.PerSecond, speed, all).Print();
        Row.AtMost(load.Id + ".cpu", ours.CpuMicrosecondsPerRequest, "us/op", rival, best.CpuMicrosecondsPerRequest, cpu).Print();
    }

    private static LoadResult Median(List<LoadResult> results) => results.OrderBy(r => r.PerSecond).ElementAt(results.Count / 2);

    private static string Describe(string name, LoadResult result) =>
        FormattableString.Invariant($"{name} {result.PerSecond:F0}/s {result.CpuMicrosecondsPerRequest:F1}us");

    private static string Cpu(LoadResult ours, LoadResult theirs) =>
        FormattableString.Invariant($"server CPU {ours.CpuMicrosecondsPerRequest:F1} us/op, rival {theirs.CpuMicrosecondsPerRequest:F1}");

    private static void Add(Dictionary<string, List<LoadResult>> results, string name, LoadResult result)
    {
        if (!results.TryGetValue(name, out List<LoadResult>? list))
            results.Add(name, list = []);
        list.Add(result);
    }
}
