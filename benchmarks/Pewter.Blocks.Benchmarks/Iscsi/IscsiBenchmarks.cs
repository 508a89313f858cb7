namespace Pewter.Blocks.Benchmarks.Iscsi;

/// <summary>Our iSCSI target, with a clone of an image, beside tgt, with a plain file: the same initiator, interleaved runs, medians.</summary>
internal static class IscsiBenchmarks
{
    private const long DiskLength = 256 << 20;
    private const double Wanted = 2;

    public static async Task RunAsync(string folder, bool quick, RowFilter rows)
    {
        string part = Path.Join(folder, "iscsi");
        Directory.CreateDirectory(part);
        string file = await Golden.CreateAsync(part, DiskLength);
        using IscsiServerProcess ours = IscsiServerProcess.StartOurs(Path.Join(part, "store"));
        using IscsiServerProcess tgt = IscsiServerProcess.StartTgt(file);
        foreach (IscsiLoad load in IscsiLoad.All.Where(l => rows.Wants(l.Id)))
            Compare(load, ours, tgt, quick);
    }

    private static void Compare(IscsiLoad load, IscsiServerProcess ours, IscsiServerProcess tgt, bool quick)
    {
        int rounds = quick ? 3 : 5;
        TimeSpan time = TimeSpan.FromSeconds(quick ? 0.7 : 1);
        List<(double Rate, double Cpu)> own = [], rival = [];
        Measure(load, ours, TimeSpan.FromSeconds(0.5));
        Measure(load, tgt, TimeSpan.FromSeconds(0.2));
        for (int i = 0; i < rounds; i++)
        {
            own.Add(Measure(load, ours, time));
            rival.Add(Measure(load, tgt, time));
        }
        double cpu = Median(own.Select(m => m.Cpu)), rivalCpu = Median(rival.Select(m => m.Cpu));
        Row.AtLeast(load.Id, Median(own.Select(m => m.Rate)), "op/s", "tgt", Median(rival.Select(m => m.Rate)), Wanted,
            $"server CPU an operation {cpu:0.0} µs, tgt {rivalCpu:0.0} µs, ratio {cpu / rivalCpu:0.00}").Print();
    }

    /// <summary>Operations a second, and the server's processor microseconds for each.</summary>
    private static (double Rate, double Cpu) Measure(IscsiLoad load, IscsiServerProcess server, TimeSpan time)
    {
        IscsiInitiator[] initiators = [.. Enumerable.Range(1, load.Connections).Select(i => new IscsiInitiator(load, DiskLength, server.Lun, i))];
        try
        {
            foreach (IscsiInitiator initiator in initiators)
                initiator.Login(server.Portal, server.Target);
            double cpu = server.CpuSeconds;
            long start = TimeProvider.System.GetTimestamp();
            Thread[] threads = [.. initiators.Select(i => new Thread(() => i.Run(time)))];
            foreach (Thread thread in threads)
                thread.Start();
            foreach (Thread thread in threads)
                thread.Join();
            double seconds = TimeProvider.System.GetElapsedTime(start).TotalSeconds;
            long operations = initiators.Sum(i => i.Completed);
            return (operations / seconds, (server.CpuSeconds - cpu) * 1e6 / operations);
        }
        finally
        {
            foreach (IscsiInitiator initiator in initiators)
                initiator.Dispose();
        }
    }

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }
}
