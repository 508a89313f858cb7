using System.Collections.Concurrent;
using Pewter.NineP;

namespace Pewter.Fuse;

/// <summary>The opens that the kernel holds. Safe from any thread; an id is never reused.</summary>
internal sealed class HandleTable
{
    private readonly ConcurrentDictionary<ulong, FuseHandle> _handles = new();
    private ulong _lastId;

    /// <summary>Opens held.</summary>
    public int Count => _handles.Count;

    /// <summary>EBADF for a handle that is not held.</summary>
    public FuseHandle Get(ulong id) =>
        _handles.GetValueOrDefault(id) ?? throw new FileException(Errno.EBADF, "The file is not open.");

    public FuseHandle Add(Func<ulong, FuseHandle> create)
    {
        var handle = create(Interlocked.Increment(ref _lastId));
        _handles[handle.Id] = handle;
        return handle;
    }

    /// <summary>The size to show of a file that this process is tailing; null for everybody else.</summary>
    public ulong? TailedSize(FuseNode node, uint process)
    {
        foreach (var (_, handle) in _handles)
        {
            if (ReferenceEquals(handle.Node, node) && handle.Position.SizeFor(process) is { } size)
                return size;
        }

        return null;
    }

    /// <summary>Ends an open; the kernel sends nothing more on it.</summary>
    public async ValueTask ReleaseAsync(ulong id)
    {
        if (_handles.TryRemove(id, out var handle))
            await handle.DisposeAsync();
    }

    /// <summary>Ends every open.</summary>
    public async ValueTask ReleaseAllAsync()
    {
        foreach (var id in _handles.Keys)
            await ReleaseAsync(id);
    }
}
