namespace Pewter.Blocks.Transfer;

/// <summary>A device lent to an export, which closes what it serves: the owner goes on after it.</summary>
internal sealed class Borrowed(BlockDevice device) : BlockDevice
{
    public override long Length => device.Length;

    public override bool IsReadOnly => device.IsReadOnly;

    public override bool TryRead(long offset, Span<byte> buffer) => device.TryRead(offset, buffer);

    public override ValueTask ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellation) =>
        device.ReadAsync(offset, buffer, cancellation);

    public override bool TryWrite(long offset, ReadOnlySpan<byte> data, bool fua) => device.TryWrite(offset, data, fua);

    public override ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> data, bool fua, CancellationToken cancellation) =>
        device.WriteAsync(offset, data, fua, cancellation);

    public override ValueTask FlushAsync(CancellationToken cancellation) => device.FlushAsync(cancellation);

    public override ValueTask WriteZeroesAsync(long offset, long length, bool mayUnmap, bool fua, CancellationToken cancellation) =>
        device.WriteZeroesAsync(offset, length, mayUnmap, fua, cancellation);

    public override ValueTask DiscardAsync(long offset, long length, CancellationToken cancellation) =>
        device.DiscardAsync(offset, length, cancellation);

    public override ValueTask PrefetchAsync(long offset, long length, CancellationToken cancellation) =>
        device.PrefetchAsync(offset, length, cancellation);

    public override int GetExtents(long offset, long length, Span<BlockExtent> extents) => device.GetExtents(offset, length, extents);

    public override bool TryGetImmutableRange(long offset, int length, out ImmutableRange range) =>
        device.TryGetImmutableRange(offset, length, out range);

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
