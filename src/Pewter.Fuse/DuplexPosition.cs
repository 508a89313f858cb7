using Pewter.NineP.Serving;

namespace Pewter.Fuse;

/// <summary>
/// A synthetic file open for reading and writing (<c>exec 3&lt;&gt;ctl</c>). The kernel knows it as a stream without a position, so that a
/// blocked read does not hold up a write through the same descriptor; reading and writing advance apart, each in its own order.
/// </summary>
internal sealed class DuplexPosition(OpenFile open) : IReadingPosition
{
    private long _read;
    private long _written;

    public async ValueTask<int> ReadAsync(ulong offset, Memory<byte> buffer, bool mayWait, CancellationToken cancellation)
    {
        var at = (ulong)Volatile.Read(ref _read);
        if (!open.TryRead(at, buffer.Span, out var count))
            count = await open.ReadAsync(at, buffer, cancellation);
        Interlocked.Add(ref _read, count);
        return count;
    }

    public async ValueTask<int> WriteAsync(ulong offset, ReadOnlyMemory<byte> data, CancellationToken cancellation)
    {
        var count = await open.WriteAsync((ulong)Volatile.Read(ref _written), data, cancellation);
        Interlocked.Add(ref _written, count);
        return count;
    }

    public void SeekEnd(uint process)
    {
    }

    public ulong? SizeFor(uint process) => null;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
