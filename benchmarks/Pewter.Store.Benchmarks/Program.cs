using System.Diagnostics;
using Pewter.Store;
using Pewter.Store.Benchmarks;

// usage: Pewter.Store.Benchmarks [--quick]
// Ours and the rivals take turns on one file system in the same minute; each figure is the median of the rounds.
var quick = args.Contains("--quick");
var (rounds, turn) = quick ? (3, TimeSpan.FromSeconds(0.5)) : (7, TimeSpan.FromSeconds(2));
var directory = Directory.CreateTempSubdirectory("pw-store-bench").FullName;
try
{
    await CommitsAsync();
    await RecoveryAsync();
}
finally
{
    Directory.Delete(directory, recursive: true);
}

async Task CommitsAsync()
{
    const int Callers = 1024;
    await using var store = StateStore.OpenDirectory(Path.Combine(directory, "state"));
    await store.LeadAsync(CancellationToken.None);
    await StoreLoad.MeasureAsync(store, "warm", Callers, turn);
    var (disk, groups, single, plain) = (new List<double>(), new List<double>(), new List<double>(), new List<double>());
    for (var i = 0; i < rounds; i++)
    {
        disk.Add(BareDisk.Measure(directory, turn / 2));
        groups.Add(await StoreLoad.MeasureAsync(store, $"many{i}", Callers, turn));
        single.Add(await StoreLoad.MeasureAsync(store, $"one{i}", 1, turn / 2));
        plain.Add(PlainSqlite.Measure(directory, turn / 2));
    }
    var (d, g, s, p) = (Row.Median(disk), Row.Median(groups), Row.Median(single), Row.Median(plain));
    Row.Print("store.commit.group", g, "op/s", "fdatasync loop", d, g / d, ">= 20000 op/s", g >= 20_000, $"{Callers} callers, replace + event");
    Row.Print("store.commit.vs-sqlite", g, "op/s", "SQLite, one by one", p, g / p, ">= 10", g / p >= 10, "synchronous=FULL both");
    Row.Print("store.commit.single", s, "op/s", "fdatasync loop", d, s / d, ">= 0.5", s / d >= 0.5, "1 caller");
}

async Task RecoveryAsync()
{
    // A copy of the files of a live store is what a kill leaves behind.
    var (live, killed) = (Path.Combine(directory, "live"), Path.Combine(directory, "killed"));
    await using var store = StateStore.OpenDirectory(live);
    await store.LeadAsync(CancellationToken.None);
    for (var i = 0; i < 100; i++)
    {
        var batch = new CommitBatch();
        for (var j = 0; j < (quick ? 100 : 1000); j++)
            batch.Put("node", $"n{i}-{j}", new byte[100]);
        await store.CommitAsync(batch, CancellationToken.None);
    }
    var times = new List<double>();
    for (var i = 0; i < rounds; i++)
    {
        Directory.CreateDirectory(killed);
        foreach (var file in Directory.GetFiles(live, "state.db*"))
            File.Copy(file, Path.Combine(killed, Path.GetFileName(file)));
        var watch = Stopwatch.StartNew();
        await using (var again = StateStore.OpenDirectory(killed))
        {
            await again.LeadAsync(CancellationToken.None);
            await foreach (var _ in again.ReadAllAsync("node", CancellationToken.None))
            {
            }
            times.Add(watch.Elapsed.TotalMilliseconds);
        }
        Directory.Delete(killed, recursive: true);
    }
    var t = Row.Median(times);
    var count = quick ? 10_000 : 100_000;
    Row.Print("store.recovery", t, "ms", "target", 1000, 1000 / t, "<= 1000 ms", t <= 1000, $"open after a kill and replay {count} entities");
}
