using Pewter.Blocks.Benchmarks;
using Pewter.Blocks.Benchmarks.Iscsi;
using Pewter.Blocks.Benchmarks.Nbd;

// Usage: [--quick] [ROW…]; ./bench hands the rows over in the environment.
switch (args)
{
    case [IscsiServeCommand.Name, .. string[] rest]:
        return await IscsiServeCommand.RunAsync(rest);
    case [OwnServer.Name, .. string[] rest]:
        return await OwnServer.RunAsync(rest);
}

bool quick = args.Contains("--quick");
string[] named = [.. args.Where(a => !a.StartsWith('-'))];
if (named.Length == 0)
    named = (Environment.GetEnvironmentVariable("PEWTER_BENCH_ROWS") ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
// A name without a dot chose this program or a part of another's name, so it stands for all rows.
var rows = new RowFilter(named.All(n => n.Contains('.')) ? named : []);
string folder = Directory.CreateTempSubdirectory($"pw-{Environment.ProcessId}-bench-").FullName;
try
{
    if (rows.Wants("blocks.layers"))
        await LayerBenchmarks.RunAsync(folder, quick);
    if (rows.Wants("blocks.nbd") || rows.Wants("blocks.boot"))
    {
        string raw = await Golden.CreateAsync(folder, 1L << 30);
        if (rows.Wants("blocks.nbd"))
            new NbdBenchmarks(folder, raw, quick, rows).Run();
        if (rows.Wants("blocks.boot"))
            await PrefetchBenchmark.RunAsync(folder, quick);
    }

    if (rows.Wants("blocks.iscsi"))
        await IscsiBenchmarks.RunAsync(folder, quick, rows);
}
finally
{
    Directory.Delete(folder, recursive: true);
}

return 0;
