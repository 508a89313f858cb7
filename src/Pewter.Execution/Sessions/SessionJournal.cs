using System.Globalization;
using System.Text.Json;
using Pewter.Store;

namespace Pewter.Execution.Sessions;

/// <summary>
/// The sessions in the store. A record and each exit are entities of their own, so that the end of one process of ten thousand writes one small
/// line. Safe to call from many threads; a call has returned only when the change is durable.
/// </summary>
internal sealed class SessionJournal
{
    private const string RecordKind = "proc";
    private const string ExitKind = "proc-exit";

    private readonly StateStore _store;

    internal SessionJournal(StateStore store) => _store = store;

    /// <summary>All sessions as they were, their exits included, in the order of their numbers.</summary>
    internal async ValueTask<IReadOnlyList<(SessionRecord Record, IReadOnlyDictionary<int, LeafExit> Exits)>> LoadAsync(CancellationToken cancellation)
    {
        var records = await _store.LoadTableAsync(RecordKind, SessionJson.Default.SessionRecord, cancellation);
        var exits = await _store.LoadTableAsync(ExitKind, SessionJson.Default.LeafExit, cancellation);
        var bySession = exits.Snapshot.Values.ToLookup(exit => Split(exit.Id).Session);
        return
        [
            .. records.Snapshot.Values.Select(entity => entity.Value).OrderBy(record => record.Number).Select(record =>
                (record, (IReadOnlyDictionary<int, LeafExit>)bySession[record.Number].ToDictionary(exit => Split(exit.Id).Leaf, exit => exit.Value))),
        ];
    }

    internal async ValueTask SaveAsync(SessionRecord record, CancellationToken cancellation)
    {
        var batch = new CommitBatch();
        batch.Put(RecordKind, Id(record.Number), JsonSerializer.SerializeToUtf8Bytes(record, SessionJson.Default.SessionRecord));
        await _store.CommitAsync(batch, cancellation);
    }

    internal async ValueTask SaveAsync(long session, int leaf, LeafExit exit, CancellationToken cancellation)
    {
        var batch = new CommitBatch();
        batch.Put(ExitKind, Id(session, leaf), JsonSerializer.SerializeToUtf8Bytes(exit, SessionJson.Default.LeafExit));
        await _store.CommitAsync(batch, cancellation);
    }

    internal async ValueTask ForgetAsync(Session session, CancellationToken cancellation)
    {
        var batch = new CommitBatch();
        batch.Delete(RecordKind, Id(session.Number));
        foreach (var leaf in session.Leaves.Where(leaf => leaf.Exit is not null))
        {
            batch.Delete(ExitKind, Id(session.Number, leaf.Index));
        }

        await _store.CommitAsync(batch, cancellation);
    }

    private static string Id(long session) => session.ToString(CultureInfo.InvariantCulture);

    private static string Id(long session, int leaf) => string.Create(CultureInfo.InvariantCulture, $"{session}.{leaf}");

    private static (long Session, int Leaf) Split(string id)
    {
        var dot = id.IndexOf('.', StringComparison.Ordinal);
        return (long.Parse(id.AsSpan(0, dot), CultureInfo.InvariantCulture), int.Parse(id.AsSpan(dot + 1), CultureInfo.InvariantCulture));
    }
}
