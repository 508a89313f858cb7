using System.Globalization;
using Pewter.Machines.Nodes;
using Pewter.Machines.Qemu;
using Pewter.NineP;

namespace Pewter.Machines.Vms.Forks;

/// <summary>
/// A fork under way: the state of the parent, taken once, for all of its copies. Owns the files, which go when the last
/// copy has them.
/// </summary>
internal sealed class VmFork : IAsyncDisposable
{
    private static long _last;

    private readonly VmPlace _place;
    private readonly ForkPool _pool;
    private readonly VmShape _shape;
    private readonly VmProcess _process;
    private readonly string _memory;
    private readonly VmFiles _files;

    public VmFork(VmPlace place, ForkPool pool, VmShape shape, Node parent, Func<Func<Task>, Task> exclusive, CancellationToken cancellation)
    {
        (_place, _pool, _shape, Parent, _files) = (place, pool, shape, parent.Id, place.Files(parent.Record));
        var handle = parent.Record.Handle;
        _process = VmProcess.Parse(handle.GetValueOrDefault(VmStart.Process), handle.GetValueOrDefault(VmStart.Ticks));
        _memory = handle.GetValueOrDefault(VmStart.Memory)
            ?? throw new FileException(Errno.EOPNOTSUPP, $"{parent.Id} has no memory that can be copied.");
        StatePath = place.MemoryFile(string.Create(CultureInfo.InvariantCulture, $"s{Interlocked.Increment(ref _last)}.state"));
        GroupAsync = SnapshotAsync(exclusive, cancellation);
    }

    /// <summary>The parent's id.</summary>
    public string Parent { get; }

    /// <summary>The state of the parent's devices.</summary>
    public string StatePath { get; }

    /// <summary>Processes over the parent's memory; ends when that has been copied.</summary>
    public Task<ForkGroup> GroupAsync { get; }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await (await GroupAsync).DisposeAsync();
        }
        catch (Exception failure) when (NodeFailure.IsExpected(failure) || failure is OperationCanceledException)
        {
            // The copies told it.
        }

        File.Delete(StatePath);
        _pool.Want(_shape);
    }

    private async Task<ForkGroup> SnapshotAsync(Func<Func<Task>, Task> exclusive, CancellationToken cancellation)
    {
        var group = await _pool.TakeAsync(_shape);
        try
        {
            await exclusive(async () =>
            {
                await using var monitor = await QmpClient.ConnectAsync(_files.Monitor, cancellation);
                await VmSnapshot.TakeAsync(_process, monitor, _memory, group, StatePath, null, cancellation);
            });
            return group;
        }
        catch
        {
            await group.DisposeAsync();
            throw;
        }
    }
}
