namespace Pewter.Blocks.Benchmarks.Nbd;

/// <summary>The layer and NBD parts of the report.</summary>
internal static class NbdCommand
{
    /// <summary>Arguments: <c>--quick</c>, and any of <c>clone read write storm</c>; without one, all.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        bool quick = args.Contains("--quick");
        string[] only = [.. args.Where(a => !a.StartsWith("--", StringComparison.Ordinal))];
        string folder = Directory.CreateTempSubdirectory($"pw-{Environment.ProcessId}-bench-").FullName;
        try
        {
            if (Wants("clone"))
                await LayerBenchmarks.RunAsync(folder, quick);
            if (!Wants("read") && !Wants("write"))
                return 0;
            var nbd = new NbdBenchmarks(folder, await Golden.CreateAsync(folder, quick ? 256 << 20 : 1L << 30), quick);
            if (Wants("read"))
                nbd.RunReads();
            if (Wants("write"))
                nbd.RunWrites();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        return 0;

        bool Wants(string part) => only.Length == 0 || only.Contains(part);
    }
}
