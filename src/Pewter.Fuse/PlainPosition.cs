using Pewter.NineP.Serving;

namespace Pewter.Fuse;

/// <summary>A file that honours offsets: they are passed on as they are.</summary>
internal sealed class PlainPosition(OpenFile open) : IReadingPosition
{
    public ValueTask<int> ReadAsync(ulong offset, Memory<byte> buffer, bool mayWait, CancellationToken cancellation) =>
        open.TryRead(offset, buffer.Span, out var count)
            ? ValueTask.FromResult(count)
            : open.ReadAsync(offset, buffer, cancellation);

    public ValueTask<int> WriteAsync(ulong offset, ReadOnlyMemory<byte> data, CancellationToken cancellation) =>
        open.WriteAsync(offset, data, cancellation);

    public void SeekEnd(uint process)
    {
    }

    public ulong? SizeFor(uint process) => null;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
