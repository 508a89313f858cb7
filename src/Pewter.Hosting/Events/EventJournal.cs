using System.Text.Json;
using Pewter.NineP;
using Pewter.Store;
using Pewter.Tree;

namespace Pewter.Hosting.Events;

/// <summary>
/// The journal of events of this daemon: durable, in one sequence that goes on after a restart. Services append to the store in the commits of
/// their changes, or here when nothing else changes. Owns the task that follows the store's newest number; may be used from any thread.
/// </summary>
public sealed class EventJournal : IAsyncDisposable
{
    private const string Topic = "system";

    private readonly StateStore _store;
    private readonly CancellationTokenSource _stop = new();
    private Task _following = Task.CompletedTask;
    private long _last;

    private EventJournal(StateStore store) => _store = store;

    /// <summary>The number of the newest event.</summary>
    public long Last => Volatile.Read(ref _last);

    /// <summary>Opens the journal of a store that this daemon leads, with a first event that says so.</summary>
    public static async ValueTask<EventJournal> OpenAsync(StateStore store, ReadOnlyMemory<byte> firstBody, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(store);
        var journal = new EventJournal(store);
        var result = await store.CommitAsync(new CommitBatch().Append(Topic, firstBody), cancellation);
        journal._last = result.FirstEvent;
        journal._following = journal.FollowAsync();
        return journal;
    }

    /// <summary>Appends an event; it is durable when this returns its number.</summary>
    public async ValueTask<long> AppendAsync(
        string name, string? path = null, Owner? owner = null, Action<Utf8JsonWriter>? members = null, CancellationToken cancellation = default)
    {
        try
        {
            var batch = new CommitBatch().Append(Topic, EventBody.Write(name, path, owner, members));
            return (await _store.CommitAsync(batch, cancellation)).OrThrow().FirstEvent;
        }
        catch (StoreException failure)
        {
            throw new FileException((Errno)failure.Errno, failure.Message, failure);
        }
    }

    /// <summary>The file that tells them: <c>/events</c>.</summary>
    public TreeFile File() => new JournalFile(this, _store);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _following;
        _stop.Dispose();
    }

    private async Task FollowAsync()
    {
        try
        {
            await foreach (var stored in _store.FollowEventsAsync(Last, null, _stop.Token))
            {
                Volatile.Write(ref _last, stored.Sequence);
            }
        }
        catch (OperationCanceledException)
        {
            // The daemon stops.
        }
    }
}
