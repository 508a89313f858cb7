using System.Threading.Channels;

namespace Pewter.Messaging.Boxes;

/// <summary>
/// Messages that are kept until their taker says that it is done with them: a message is on the disk before its sender
/// is told, and leaves it when the next one is asked
/// for, or the reader closes. A reader that dies in between finds its last message again.
/// </summary>
internal sealed class DurableQueue : IDurableQueue
{
    // As many as a reader that is away for a while may find again; then senders are refused.
    private const int MessagesMax = 100_000;

    private readonly BoxJournal _journal;
    private readonly long _box;
    private readonly Channel<(long Sequence, byte[] Body)> _waiting =
        Channel.CreateBounded<(long, byte[])>(new BoundedChannelOptions(MessagesMax) { FullMode = BoundedChannelFullMode.Wait });

    private readonly SemaphoreSlim _order = new(1, 1);
    private (long Sequence, byte[] Body)? _given;

    internal DurableQueue(BoxJournal journal, long box, IEnumerable<(long Sequence, byte[] Body)> kept)
    {
        (_journal, _box) = (journal, box);
        foreach (var message in kept)
        {
            _waiting.Writer.TryWrite(message);
        }
    }

    public int Count => _waiting.Reader.Count;

    /// <summary>Keeps a message; it is on the disk when this returns true. False: there is no room.</summary>
    public async ValueTask<bool> TryKeepAsync(ReadOnlyMemory<byte> body, CancellationToken cancellation)
    {
        await _order.WaitAsync(cancellation);
        try
        {
            if (_waiting.Reader.Count >= MessagesMax)
            {
                return false;
            }

            var sequence = await _journal.NextAsync(cancellation);
            await _journal.KeepAsync(_box, sequence, body, cancellation);
            return _waiting.Writer.TryWrite((sequence, body.ToArray()));
        }
        finally
        {
            _order.Release();
        }
    }

    /// <summary>The next message, the same again until <see cref="DoneAsync"/>; null at the end.</summary>
    public async ValueTask<byte[]?> TakeAsync(CancellationToken cancellation)
    {
        while (_given is null)
        {
            if (!await _waiting.Reader.WaitToReadAsync(cancellation))
            {
                return null;
            }

            if (_waiting.Reader.TryRead(out var next))
            {
                _given = next;
            }
        }

        return _given.Value.Body;
    }

    /// <summary>The message that was given out is dealt with.</summary>
    public async ValueTask DoneAsync(CancellationToken cancellation)
    {
        if (_given is { } given)
        {
            await _journal.DropAsync(given.Sequence, cancellation);
            _given = null;
        }
    }

    private IEnumerable<long> Drain()
    {
        while (_waiting.Reader.TryRead(out var message))
        {
            yield return message.Sequence;
        }

        if (_given is { } given)
        {
            yield return given.Sequence;
        }
    }

    public void Close() => _waiting.Writer.TryComplete();

    public async ValueTask DropAllAsync(CancellationToken cancellation) => await _journal.DropAllAsync([.. Drain()], cancellation);

    public ValueTask DisposeAsync()
    {
        Close();
        _order.Dispose();
        return ValueTask.CompletedTask;
    }
}
