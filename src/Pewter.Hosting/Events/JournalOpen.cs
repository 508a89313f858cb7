using System.Globalization;
using System.Text;
using Pewter.NineP;
using Pewter.NineP.Serving;
using Pewter.Store;
using Pewter.Tree;

namespace Pewter.Hosting.Events;

/// <summary>
/// One reader of the journal: its place, the event it waits for, and the rest of a line that did not fit. A cancelled read consumes nothing: the
/// awaited event stays for the next one. Its gate admits one read at a time.
/// </summary>
internal sealed class JournalOpen(ServedFile file, StateStore store, Caller caller, long since) : TreeOpen(file)
{
    private readonly SemaphoreSlim _gate = new(1, 1);
    private IAsyncEnumerator<StoredEvent>? _events;
    private CancellationTokenSource? _following;
    private Task<bool>? _next;
    private ReadOnlyMemory<byte> _rest;
    private long _since = since;

    public override async ValueTask<int> ReadAsync(ulong offset, Memory<byte> buffer, CancellationToken cancellation)
    {
        await _gate.WaitAsync(cancellation);
        try
        {
            while (_rest.IsEmpty)
            {
                if (!await TakeAsync(cancellation))
                {
                    return 0;
                }
            }

            var count = Give(buffer.Span);
            while (count < buffer.Length && Next().IsCompletedSuccessfully && await TakeAsync(cancellation))
            {
                count += Give(buffer.Span[count..]);
            }

            return count;
        }
        catch (StoreException failure)
        {
            throw new FileException((Errno)failure.Errno, failure.Message, failure);
        }
        finally
        {
            _gate.Release();
        }
    }

    public override async ValueTask<int> WriteAsync(ulong offset, ReadOnlyMemory<byte> data, CancellationToken cancellation)
    {
        var words = Encoding.UTF8.GetString(data.Span).Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
        if (words is not ["since", var number] || !long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var since))
        {
            throw new FileException(Errno.EINVAL, "Write 'since N' with the number of the last event you have seen.");
        }

        if (!await _gate.WaitAsync(TimeSpan.Zero, cancellation))
        {
            throw new FileException(Errno.EBUSY, "A read is waiting on this open; write 'since N' before it, or open the file again.");
        }

        try
        {
            await RewindAsync();
            (_since, _rest) = (since, default);
            return data.Length;
        }
        finally
        {
            _gate.Release();
        }
    }

    protected override async ValueTask CloseAsync()
    {
        await RewindAsync();
        _gate.Dispose();
    }

    private int Give(Span<byte> buffer)
    {
        var count = Math.Min(_rest.Length, buffer.Length);
        _rest.Span[..count].CopyTo(buffer);
        _rest = _rest[count..];
        return count;
    }

    private Task<bool> Next()
    {
        if (_events is null)
        {
            _following = new CancellationTokenSource();
            _events = store.FollowEventsAsync(_since, null, _following.Token).GetAsyncEnumerator();
        }

        return _next ??= _events.MoveNextAsync().AsTask();
    }

    /// <summary>Takes the next event, which may be one that this caller does not see; false at the end, when the store closes.</summary>
    private async ValueTask<bool> TakeAsync(CancellationToken cancellation)
    {
        var has = await Next().WaitAsync(cancellation);
        _next = null;
        if (has)
        {
            _since = _events!.Current.Sequence;
            _rest = JournalLine.For(_events.Current, caller) ?? default;
        }

        return has;
    }

    private async ValueTask RewindAsync()
    {
        if (_events is null)
        {
            return;
        }

        await _following!.CancelAsync();
        try
        {
            _ = _next is null || await _next;
        }
        catch (Exception exception) when (exception is OperationCanceledException or StoreException)
        {
            // It was only to be stopped.
        }

        await _events.DisposeAsync();
        _following.Dispose();
        (_events, _next, _following) = (null, null, null);
    }
}
