using System.Globalization;
using Pewter.Machines.Nodes;
using Pewter.Machines.Qemu;
using Pewter.NineP;

namespace Pewter.Machines.Vms.Forks;

/// <summary>
/// A fork under way: the state of the parent, taken once, for all of its copies. Owns the files, which go when the last
/// copy has them.
/// </summary>
internal sealed class VmFork : IVmOrigin
{
    private static long _last;

    private readonly VmPlace _place;
    private readonly ForkPool _pool;
    private readonly VmShape _shape;
    private readonly VmProcess _process;
    private readonly string _memory;
    private readonly VmFiles _files;
    private string? _disk;

    public VmFork(
        VmPlace place, ForkPool pool, VmDisks disks, VmShape shape, Node parent, Func<Func<Task>, Task> exclusive, CancellationToken cancellation)
    {
        (_place, _pool, _shape, Name, _files) = (place, pool, shape, parent.Id, place.Files(parent.Record));
        var handle = parent.Record.Handle;
        _process = VmProcess.Parse(handle.GetValueOrDefault(VmStart.Process), handle.GetValueOrDefault(VmStart.Ticks));
        _memory = handle.GetValueOrDefault(VmStart.Memory)
            ?? throw new FileException(Errno.EOPNOTSUPP, $"{parent.Id} has no memory that can be copied.");
        StatePath = place.MemoryFile(string.Create(CultureInfo.InvariantCulture, $"s{Interlocked.Increment(ref _last)}.state"));
        GroupAsync = SnapshotAsync(disks, parent, exclusive, cancellation);
        DiskImageAsync = DiskAsync();
    }

    /// <summary>Whether the snapshot of the disk is kept though no disk stands on it: a checkpoint's.</summary>
    public bool KeepsDisk { get; init; }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public Task<string?> DiskImageAsync { get; }

    /// <summary>The state of the parent's devices.</summary>
    public string StatePath { get; }

    /// <summary>Processes over the parent's memory; ends when that has been copied.</summary>
    public Task<ForkGroup> GroupAsync { get; }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await (await GroupAsync).DisposeAsync();
            if (_disk is not null && !KeepsDisk)
            {
                // The copies' disks stand on it; without any it is litter.
                await VmDisks.DropImageAsync(_place.Context.Client(), _disk, CancellationToken.None);
            }
        }
        catch (Exception failure) when (NodeFailure.IsExpected(failure) || failure is OperationCanceledException)
        {
            // The copies told it.
        }

        File.Delete(StatePath);
        _pool.Want(_shape);
    }

    private async Task<string?> DiskAsync()
    {
        await GroupAsync;
        return _disk;
    }

    private async Task<ForkGroup> SnapshotAsync(
        VmDisks disks, Node parent, Func<Func<Task>, Task> exclusive, CancellationToken cancellation)
    {
        var group = await _pool.TakeAsync(_shape);
        try
        {
            await exclusive(async () =>
            {
                await using var monitor = await QmpClient.ConnectAsync(_files.Monitor, cancellation);
                await VmSnapshot.TakeAsync(
                    _process, monitor, _memory, group, StatePath,
                    async () => _disk = await disks.SnapshotAsync(parent.Record, cancellation), cancellation);
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
