namespace Pewter.Node.Processes;

/// <summary>One reader's place in an <see cref="OutputLog"/>. One read at a time; dispose to stop holding the program back.</summary>
public sealed class OutputReader : IDisposable
{
    private readonly OutputLog _log;
    private long _position;

    internal OutputReader(OutputLog log, long position)
    {
        _log = log;
        _position = position;
    }

    /// <summary>The position of the next byte it gets.</summary>
    public long Position => Volatile.Read(ref _position);

    internal LinkedListNode<OutputReader>? Place { get; set; }

    /// <summary>Reads without waiting: the count, 0 at the end, or -1 when there is nothing yet.</summary>
    public int TryRead(Span<byte> buffer)
    {
        var position = _position;
        var count = _log.Read(ref position, buffer);
        Volatile.Write(ref _position, position);
        return count;
    }

    /// <summary>Reads at least one byte, or 0 at the end. A cancelled read has consumed nothing.</summary>
    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellation)
    {
        while (true)
        {
            var count = TryRead(buffer.Span);
            if (count >= 0)
            {
                return count;
            }

            await _log.WaitAsync(_position, cancellation);
        }
    }

    /// <summary>Ends when there may be something to read.</summary>
    internal Task WaitAsync(CancellationToken cancellation) => _log.WaitAsync(Position, cancellation);

    /// <inheritdoc/>
    public void Dispose() => _log.Detach(this);
}
