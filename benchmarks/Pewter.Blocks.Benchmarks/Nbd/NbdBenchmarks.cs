namespace Pewter.Blocks.Benchmarks.Nbd;

/// <summary>The NBD rows: each load on our server and on every rival in turn, several rounds, medians.</summary>
internal sealed class NbdBenchmarks(string folder, string baseFile, bool quick, RowFilter rows)
{
    private static readonly NbdLoad[] Reads =
    [
        new("blocks.nbd.read4k.c1d1", 1, 1, 4096, false, false),
        new("blocks.nbd.read4k.c1d16", 1, 16, 4096, false, false),
        new("blocks.nbd.read4k.c4d8", 4, 8, 4096, false, false),
        new("blocks.nbd.read4k.c16d4", 16, 4, 4096, false, false),
        new("blocks.nbd.read128k.c1d4", 1, 4, 128 << 10, false, true),
    ];

    private static readonly NbdLoad[] Writes =
    [
        new("blocks.nbd.write4k.c1d16", 1, 16, 4096, true, false),
        new("blocks.nbd.write4k.c4d8", 4, 8, 4096, true, false),
    ];

    private readonly Rivals _rivals = new(folder, baseFile);
    private readonly int _rounds = quick ? 3 : 5;
    private readonly TimeSpan _duration = TimeSpan.FromSeconds(quick ? 0.7 : 1);

    public void Run()
    {
        if (Reads.Any(l => rows.Wants(l.Id)))
            RunReads();
        RunWrites();
        if (rows.Wants("blocks.nbd.storm32"))
            new StormBenchmark(_rivals, quick).Run();
    }

    private void RunReads()
    {
        (ServerProcess Server, string Socket)[] servers =
            [_rivals.Ours(1), _rivals.QemuRaw(), _rivals.QemuOverlay(), _rivals.NbdkitFile(), _rivals.NbdkitCow()];
        try
        {
            foreach ((ServerProcess server, string socket) in servers)
                Warm(server, socket);
            foreach (NbdLoad load in Reads.Where(l => rows.Wants(l.Id)))
                Report(load, Measure(load, servers));
        }
        finally
        {
            foreach ((ServerProcess server, _) in servers)
                server.Dispose();
        }
    }

    /// <summary>Reads everything once, so that what is measured is the steady state.</summary>
    private static void Warm(ServerProcess server, string socket)
    {
        using var client = new NbdLoadClient(socket, Rivals.Export);
        foreach (int size in (ReadOnlySpan<int>)[4096, 128 << 10])
        {
            long at = -size;
            LoadThreads.Run([client], 16, _ => (out LoadRequest request) =>
            {
                at += size;
                request = new LoadRequest(at, size, false);
                return at < client.Length;
            });
        }
    }

    /// <summary>Random writes on a fresh clone each round.</summary>
    private void RunWrites()
    {
        foreach (NbdLoad load in Writes.Where(l => rows.Wants(l.Id)))
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
