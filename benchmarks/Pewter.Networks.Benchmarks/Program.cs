using Pewter.Networks.Benchmarks;

// Machines that boot from the network, from power on until their own system is ready. Which rows: PEWTER_BENCH_ROWS, all when it is empty.
var cache = Environment.GetEnvironmentVariable("PEWTER_CACHE")
    ?? Path.Combine(Environment.GetEnvironmentVariable("HOME") ?? "/root", ".cache", "pewter");
if (!Environment.IsPrivilegedProcess || !File.Exists(Path.Combine(cache, "kernels/cloud-6.1/release")))
{
    Console.Error.WriteLine("Network boot needs root and the guest kernel of 'eng/kernels.sh cloud-6.1'; nothing was measured.");
    return 1;
}

BuiltPrograms.Find();
var rows = Environment.GetEnvironmentVariable("PEWTER_BENCH_ROWS") ?? "";
var isQuick = args.Contains("--quick");
await using var segment = await Segment.StartAsync();
if (Wants("ram") || Wants("again"))
    await MemoryBoots.RunAsync(segment, cache, isQuick ? 1 : 5);
if ((Wants("nbd") || Wants("wire")) && DebianBoots.CanRun(cache))
    await DebianBoots.RunAsync(segment, cache, Wants("nbd") ? (isQuick ? 1 : 5) : 0, Wants("wire") ? (isQuick ? 2 : 16) : 0);
return 0;

bool Wants(string row) => !rows.Contains("networks.", StringComparison.Ordinal) || rows.Contains($"networks.boot.{row}", StringComparison.Ordinal)
    || rows.Split(' ').Contains("networks.boot");
