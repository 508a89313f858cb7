namespace Pewter.Blocks;

/// <summary>
/// A disk as the NBD and iSCSI engines see it, whatever stores it: a layered image in local files or a Ceph RBD image. All members may be
/// called at once; overlapping writes in flight at once land in either order, each 4 KiB block whole.
/// </summary>
/// <remarks>
/// Engines check ranges before they call: <c>0 ≤ offset</c>, <c>offset + length ≤ Length</c>. Failures are
/// <see cref="BlockException"/>s with an errno (EIO, ENOSPC, EROFS). The synchronous members are the hot path: an engine's receive
/// loop calls them directly, they allocate nothing, and false means that the answer needs a wait and the asynchronous twin must be used.
/// </remarks>
public abstract class BlockDevice : IAsyncDisposable
{
    /// <summary>Size in bytes; a multiple of 512. May grow by a resize, which <see cref="LengthChanged"/> tells.</summary>
    public abstract long Length { get; }

    /// <summary>Writes fail with EROFS.</summary>
    public abstract bool IsReadOnly { get; }

    /// <summary>Where protocols keep what must outlive the server; null when the disk has no such place.</summary>
    public virtual KeptState? Kept => null;

    /// <summary>Raised after <see cref="Length"/> changed.</summary>
    public event EventHandler? LengthChanged;

    /// <summary>Reads into all of <paramref name="buffer"/> if it can be done without waiting on a network.</summary>
    public virtual bool TryRead(long offset, Span<byte> buffer) => false;

    /// <summary>Reads into all of <paramref name="buffer"/>.</summary>
    public abstract ValueTask ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellation);

    /// <summary>Writes all of <paramref name="data"/> if that needs no network. Durable on return when <paramref name="fua"/>.</summary>
    public virtual bool TryWrite(long offset, ReadOnlySpan<byte> data, bool fua) => false;

    /// <summary>Writes all of <paramref name="data"/>. Durable on return when <paramref name="fua"/>.</summary>
    public abstract ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> data, bool fua, CancellationToken cancellation);

    /// <summary>Returns once every write that completed before the call is durable.</summary>
    public abstract ValueTask FlushAsync(CancellationToken cancellation);

    /// <summary>Makes the range read as zeroes; with <paramref name="mayUnmap"/> its space is freed where blocks are whole.</summary>
    public abstract ValueTask WriteZeroesAsync(long offset, long length, bool mayUnmap, bool fua, CancellationToken cancellation);

    /// <summary>Frees the range's whole blocks, which then read as zeroes; a hint, so partial blocks stay as they are.</summary>
    public abstract ValueTask DiscardAsync(long offset, long length, CancellationToken cancellation);

    /// <summary>Warms the range so that coming reads are fast.</summary>
    public virtual ValueTask PrefetchAsync(long offset, long length, CancellationToken cancellation) => ValueTask.CompletedTask;

    /// <summary>
    /// Describes the range from <paramref name="offset"/> as runs of data and holes into <paramref name="extents"/>; returns how many were
    /// written. The runs are adjacent, start at <paramref name="offset"/> and may stop short of the range when the span is full.
    /// </summary>
    public abstract int GetExtents(long offset, long length, Span<BlockExtent> extents);

    /// <summary>Finds where the range lies in a file as it will always be, so that an engine may send from it without copying.</summary>
    public virtual bool TryGetImmutableRange(long offset, int length, out ImmutableRange range)
    {
        range = default;
        return false;
    }

    /// <summary>Raises <see cref="LengthChanged"/>.</summary>
    protected void OnLengthChanged() => LengthChanged?.Invoke(this, EventArgs.Empty);

    /// <summary>Closes the device; what was flushed is durable.</summary>
    public abstract ValueTask DisposeAsync();
}
