using System.Diagnostics;

namespace Pewter.Blocks.Benchmarks.Nbd;

/// <summary>
/// A boot storm: 32 clones of one image, and for each a client that replays the recorded reads of a boot. The rivals have a clone in a
/// process of its own each, the only way they offer.
/// </summary>
internal sealed class StormBenchmark(Rivals rivals, bool quick)
{
    private const int Clones = 32;
    private const int Depth = 4;
    private const double Speed = 2.5;
    private const double Cpu = 0.4;
    private readonly IReadOnlyList<LoadRequest> _boot = BootTrace.Load();
    private readonly int _rounds = quick ? 3 : 5;

    public void Run()
    {
        long single = ResidentOfOne();
        Fleet[] fleets = [StartOurs(), Start(rivals.NbdkitCow), Start(rivals.QemuOverlay)];
        try
        {
            var results = fleets.ToDictionary(f => f.Name, _ => new List<LoadResult>());
            for (int round = 0; round <= _rounds; round++)
            {
                foreach (Fleet fleet in fleets)
                {
                    LoadResult result = Replay(fleet);
                    if (round > 0)
                        results[fleet.Name].Add(result);
                }
            }

            Report(results.ToDictionary(r => r.Key, r => r.Value.OrderBy(x => x.MegabytesPerSecond).ElementAt(r.Value.Count / 2)));
            double growth = (fleets[0].ResidentBytes - single) / 1048576.0 / (Clones - 1);
            Row.Limit("blocks.nbd.storm32.memory", growth, "MiB", 1, "a clone, after its boot").Print();
        }
        finally
        {
            foreach (Fleet fleet in fleets)
                fleet.Dispose();
        }
    }

    private static void Report(Dictionary<string, LoadResult> results)
    {
        LoadResult ours = results["pewter"];
        (string rival, LoadResult best) = results.Where(r => r.Key != "pewter").Select(r => (r.Key, r.Value)).MaxBy(r => r.Value.MegabytesPerSecond);
        string all = string.Join(", ", results.Select(r =>
            FormattableString.Invariant($"{r.Key} {r.Value.MegabytesPerSecond:F0} MB/s {r.Value.CpuSecondsPerGigabyte:F3} s/GB")));
        Row.AtLeast("blocks.nbd.storm32", ours.MegabytesPerSecond, "MB/s", rival, best.MegabytesPerSecond, Speed, all).Print();
        Row.AtMost("blocks.nbd.storm32.cpu", ours.CpuSecondsPerGigabyte, "s/GB", rival, best.CpuSecondsPerGigabyte, Cpu).Print();
    }

    private long ResidentOfOne()
    {
        using Fleet one = new("pewter", [.. Ours(1)]);
        Replay(one);
        return one.ResidentBytes;
    }

    private LoadResult Replay(Fleet fleet)
    {
        NbdLoadClient[] clients = [.. fleet.Disks.Select(d => new NbdLoadClient(d.Socket, d.Export))];
        double cpu = fleet.CpuSeconds;
        var clock = Stopwatch.StartNew();
        LoadThreads.Run(clients, Depth, _ => Boot());
        double seconds = clock.Elapsed.TotalSeconds;
        long requests = clients.Sum(c => c.Requests), bytes = clients.Sum(c => c.Bytes);
        foreach (NbdLoadClient client in clients)
            client.Dispose();
        return new LoadResult(requests / seconds, bytes / seconds / 1e6, fleet.CpuSeconds - cpu, requests, bytes);
    }

    private RequestSource Boot()
    {
        int at = 0;
        return (out LoadRequest request) =>
        {
            request = at < _boot.Count ? _boot[at] : default;
            return at++ < _boot.Count;
        };
    }

    private Fleet StartOurs() => new("pewter", [.. Ours(Clones)]);

    private IEnumerable<(ServerProcess Server, string Socket, string Export)> Ours(int clones)
    {
        (ServerProcess server, string socket) = rivals.Ours(clones);
        return Enumerable.Range(0, clones).Select(i => (server, socket, clones == 1 ? Rivals.Export : Rivals.Export + i));
    }

    private static Fleet Start(Func<(ServerProcess Server, string Socket)> start)
    {
        (ServerProcess Server, string Socket, string Export)[] disks = [.. Enumerable.Range(0, Clones).Select(_ =>
        {
            (ServerProcess server, string socket) = start();
            return (server, socket, Rivals.Export);
        })];
        return new Fleet(disks[0].Server.Name, disks);
    }

    /// <summary>The servers of one kind and the disks they serve.</summary>
    private sealed class Fleet(string name, IReadOnlyList<(ServerProcess Server, string Socket, string Export)> disks) : IDisposable
    {
        private readonly ServerProcess[] _servers = [.. disks.Select(d => d.Server).Distinct()];

        public string Name => name;

        public IReadOnlyList<(ServerProcess Server, string Socket, string Export)> Disks => disks;

        public double CpuSeconds => _servers.Sum(s => s.CpuSeconds);

        public long ResidentBytes => _servers.Sum(s => s.ResidentBytes);

        public void Dispose()
        {
            foreach (ServerProcess server in _servers)
                server.Dispose();
        }
    }
}
