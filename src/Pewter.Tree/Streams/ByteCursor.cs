namespace Pewter.Tree;

/// <summary>
/// One reader of a <see cref="ByteStream"/>: its place. Used by one task at a time; disposing it lets the writer go on without it.
/// </summary>
public sealed class ByteCursor : IDisposable
{
    private readonly ByteStream _stream;

    internal ByteCursor(ByteStream stream, long position) => (_stream, Position) = (stream, position);

    /// <summary>The position of the next byte to read.</summary>
    public long Position { get; private set; }

    /// <summary>Bytes that this reader was too slow for.</summary>
    public long Lost { get; private set; }

    /// <summary>Reads without waiting; null when there is nothing yet, 0 at the end.</summary>
    public int? TryRead(Span<byte> buffer) => _stream.TryRead(this, buffer);

    /// <summary>Reads at least one byte, or 0 at the end. A cancelled read has consumed nothing.</summary>
    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellation = default)
    {
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            var grown = _stream.Grown.Next;
            if (TryRead(buffer.Span) is { } count)
            {
                return count;
            }

            await grown.WaitAsync(cancellation);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Detach(this);

    internal void Advance(int count) => Position += count;

    internal void Skip(long count) => (Position, Lost) = (Position + count, Lost + count);
}
