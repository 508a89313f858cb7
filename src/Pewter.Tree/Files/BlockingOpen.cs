using Pewter.NineP.Serving;

namespace Pewter.Tree;

/// <summary>An open whose reads wait for something to happen. A cancelled read has consumed nothing.</summary>
internal abstract class BlockingOpen(ServedFile file, Pulse changed) : TreeOpen(file)
{
    /// <summary>Reads what is there; true with 0 at the end, false when it has to wait. Called under the open's lock.</summary>
    protected abstract bool TryTake(ulong offset, Span<byte> buffer, out int count);

    /// <summary>Fires whenever a read that had to wait may find something.</summary>
    protected Pulse Changed => changed;

    /// <summary>Serialises the requests of this open.</summary>
    protected Lock Gate { get; } = new();

    /// <inheritdoc/>
    public sealed override bool TryRead(ulong offset, Span<byte> buffer, out int count)
    {
        lock (Gate)
        {
            return TryTake(offset, buffer, out count);
        }
    }

    /// <inheritdoc/>
    public sealed override async ValueTask<int> ReadAsync(ulong offset, Memory<byte> buffer, CancellationToken cancellation)
    {
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            var next = Changed.Next;
            if (TryRead(offset, buffer.Span, out var count))
            {
                return count;
            }

            await next.WaitAsync(cancellation);
        }
    }
}
