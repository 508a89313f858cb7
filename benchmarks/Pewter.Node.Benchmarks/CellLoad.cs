using System.Diagnostics;
using Pewter.Linux.Cells;
using Pewter.Linux.Cgroups;

namespace Pewter.Node.Benchmarks;

/// <summary>Cells from nothing to their first program's output.</summary>
internal sealed class CellLoad(Tools tools, string agent) : IAsyncDisposable
{
    private readonly string _parent = $"pwbench{Environment.ProcessId}";
    private int _last;

    /// <summary>Milliseconds to the first output, and those to take it away, one after another.</summary>
    public async Task<(double Start, double End)> OneByOneAsync(int count)
    {
        var starts = new List<double>();
        var ends = new List<double>();
        for (var i = 0; i < count; i++)
        {
            var clock = Stopwatch.StartNew();
            var cell = Launch();
            await HelloAsync(cell);
            starts.Add(clock.Elapsed.TotalMilliseconds);
            clock.Restart();
            await cell.DestroyAsync(TimeProvider.System, CancellationToken.None);
            ends.Add(clock.Elapsed.TotalMilliseconds);
        }

        return (Tools.Median(starts), Tools.Median(ends));
    }

    /// <summary>Seconds until so many cells have each given output, and resident bytes of one agent.</summary>
    public async Task<(double Seconds, double ResidentMegabytes)> ManyAsync(int count, int atOnce)
    {
        var cells = new List<Cell>();
        var clock = Stopwatch.StartNew();
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = atOnce }, async (_, _) =>
        {
            var cell = await Task.Run(Launch);
            lock (cells)
            {
                cells.Add(cell);
            }

            await HelloAsync(cell);
        });
        var seconds = clock.Elapsed.TotalSeconds;
        var resident = Tools.Median(cells.Select(cell => ResidentMegabytes(cell.ProcessId)));
        await Parallel.ForEachAsync(cells, async (cell, _) => await cell.DestroyAsync(TimeProvider.System, CancellationToken.None));
        return (seconds, resident);
    }

    /// <summary>Resident memory without the file's pages, which all agents share, and with them.</summary>
    public static double ResidentMegabytes(int process)
    {
        var line = File.ReadLines($"/proc/{process}/status").First(text => text.StartsWith("VmRSS:", StringComparison.Ordinal));
        return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]) / 1024;
    }

    public ValueTask DisposeAsync()
    {
        Cgroup.Find(CgroupHierarchies.Read(), _parent).Delete();
        return ValueTask.CompletedTask;
    }

    private Cell Launch()
    {
        var name = $"c{Interlocked.Increment(ref _last)}";
        return CellLauncher.Launch(new CellSpec
        {
            Name = name,
            AgentPath = agent,
            SocketPath = Path.Combine(tools.Scratch, name),
            CgroupParent = _parent,
        });
    }

    private static async Task HelloAsync(Cell cell)
    {
        await using var client = await AgentClient.OpenAsync(cell.SocketPath);
        var session = await client.RunAsync("exec /bin/echo hello");
        if (await client.ReadAsync($"{session}/stdout") != "hello\n")
        {
            throw new InvalidOperationException("a cell's program printed something else");
        }
    }
}
