using Pewter.NineP.Serving;

namespace Pewter.Tree.Benchmarks;

/// <summary>A million objects in one collection: memory, queries by indexed keys, the status of ten thousand.</summary>
internal static class ObjectLoad
{
    public static IEnumerable<Row> Run(bool quick)
    {
        var count = quick ? 100_000 : 1_000_000;
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var machines = new Collection<Machine>(Machine.Kind, TimeProvider.System);
        var root = new TreeDirectory().Add("node", machines);
        for (var i = 1; i <= count; i++)
        {
            machines.Add(i, new Machine(i));
        }

        var mebibytes = (GC.GetTotalMemory(forceFullCollection: true) - before) / 1048576.0;
        var resident = Environment.WorkingSet / 1048576;
        yield return new(
            "tree.objects.memory", mebibytes, "MiB", 1024, $"{count} objects with 8 indexes, their state included; resident {resident} MiB");
        yield return Query(root, quick);
        GC.KeepAlive(machines);
        yield return Status();
    }

    private static Row Query(TreeDirectory root, bool quick)
    {
        var client = new TreeClient(root, Caller.System);
        var random = new Random(5);
        var found = 0;
        Read(client, "user=u1");
        var before = Environment.CpuUsage.TotalTime;
        var times = Percentile.Milliseconds(quick ? 200 : 1000, () => found += Read(client, $"user=u{random.Next(1000)}"));
        var cpu = (Environment.CpuUsage.TotalTime - before).TotalMilliseconds / times.Length;
        var p99 = times[(int)(times.Length * 0.99)];
        return new("tree.query.indexed.p99", p99, "ms", 10,
            $"walk query/user=U, open and read its status: {found / times.Length} matches each; p50 {times[times.Length / 2]:0.00} ms, {cpu:0.00} ms of CPU");
    }

    private static int Read(TreeClient client, string condition)
    {
        var status = client.ReadBytesAsync($"/node/query/{condition}/status").AsTask().GetAwaiter().GetResult();
        return status.AsSpan().Count((byte)'\n');
    }

    private static Row Status()
    {
        const int Count = 10_000;
        var machines = new Collection<Machine>(Machine.Kind, TimeProvider.System);
        var client = new TreeClient(new TreeDirectory().Add("node", machines), Caller.System);
        for (var i = 1; i <= Count; i++)
        {
            machines.Add(i, new Machine(i));
        }

        var bytes = 0;
        var times = Percentile.Milliseconds(15, () => bytes = client.ReadBytesAsync("/node/status").AsTask().GetAwaiter().GetResult().Length);
        return new("tree.status.10k", times[times.Length / 2], "ms", 100, $"{bytes} bytes; the slowest of 15, unwarmed: {times[^1]:0.0} ms");
    }
}
