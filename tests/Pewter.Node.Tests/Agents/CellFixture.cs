using Pewter.Linux.Cells;
using Pewter.Linux.Cgroups;

namespace Pewter.Node.Tests.Agents;

/// <summary>Makes cells under a prefix of its own and proves at the end that nothing of them is left.</summary>
internal sealed class CellFixture : IAsyncDisposable
{
    private static int _count;
    private readonly string _prefix = $"pw{Environment.ProcessId}-{Interlocked.Increment(ref _count)}";
    private readonly string _directory = Directory.CreateTempSubdirectory("pw-cells-").FullName;
    private readonly List<Cell> _cells = [];
    private readonly HashSet<string> _mountsBefore = [.. Mounts()];
    private int _last;

    public string Parent => _prefix;

    public CellSpec Spec()
    {
        var name = $"c{Interlocked.Increment(ref _last)}";
        return new CellSpec
        {
            Name = name,
            AgentPath = AgentProgram.Path,
            SocketPath = Path.Combine(_directory, $"{name}.sock"),
            CgroupParent = _prefix,
        };
    }

    public Cell Launch(Func<CellSpec, CellSpec>? change = null)
    {
        var spec = Spec();
        var cell = CellLauncher.Launch(change?.Invoke(spec) ?? spec);
        lock (_cells)
        {
            _cells.Add(cell);
        }

        return cell;
    }

    public async Task DestroyAsync(Cell cell)
    {
        await cell.DestroyAsync(TimeProvider.System, CancellationToken.None);
        lock (_cells)
        {
            _cells.Remove(cell);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Parallel.ForEachAsync(_cells.ToArray(), async (cell, _) => await DestroyAsync(cell));
        var parent = Cgroup.Find(CgroupHierarchies.Read(), _prefix);
        parent.Delete();
        Assert.DoesNotContain(parent.Directories, Directory.Exists);
        Assert.Empty(Directory.GetFiles(_directory));
        Directory.Delete(_directory);
        Assert.DoesNotContain(Mounts(), mount => !_mountsBefore.Contains(mount));
    }

    // Others mount things on this machine at the same time; what a cell mounts is of these types, or has the cells' directory in it.
    private static IEnumerable<string> Mounts() => File.ReadLines("/proc/self/mountinfo").Where(line =>
        new[] { "- overlay", " cell ", "pw-cells-" }.Any(mark => line.Contains(mark, StringComparison.Ordinal)));
}
