using System.Runtime.CompilerServices;

namespace Pewter.Store.Sqlite;

/// <summary>
/// The store in a state directory: <c>state.db</c> with its write-ahead log, <c>synchronous=FULL</c>, so that COMMIT returns after
/// fdatasync of the log. One connection writes, a few read.
/// </summary>
internal sealed class SqliteBackend : StoreBackend
{
    /// <summary>
    /// The log is folded into the database at 16 MiB: rare enough to cost little, and read back in well under a second.
    /// </summary>
    private const int CheckpointPages = 4096;

    private readonly StateDirectoryLock _lock;
    private readonly SqliteConnection _writer;
    private readonly SqliteReaders _readers;

    private bool _led;

    private SqliteBackend(StateDirectoryLock held, SqliteConnection writer, SqliteReaders readers)
    {
        (_lock, _writer, _readers) = (held, writer, readers);
    }

    public static SqliteBackend Open(string directory)
    {
        StateDirectoryLock? held = null;
        SqliteConnection? writer = null;
        try
        {
            // The state may hold secrets, so only its owner may look in.
            Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            held = StateDirectoryLock.Take(directory);
            var path = Path.Combine(directory, "state.db");
            writer = OpenWriter(path);
            return new SqliteBackend(held, writer, new SqliteReaders(path));
        }
        catch (UnauthorizedAccessException failure)
        {
            throw new StoreException(
                StoreErrno.EACCES, $"The state directory {directory} may not be used: {failure.Message}", inner: failure);
        }
        catch (StoreException)
        {
            writer?.Dispose();
            held?.Dispose();
            throw;
        }
    }

    public override StoreHead? TryLead()
    {
        // The lead is lost only by a failure that leaves doubt about the disk; what is on it, only opening anew can tell.
        if (_led)
            throw new StoreException(StoreErrno.EIO, "The store failed and must be opened again; restart the daemon.");
        _led = true;
        using (var statement = _writer.Statement("UPDATE head SET term = term + 1").Begin())
            statement.Step();
        using var head = _writer.Statement("SELECT revision, event_sequence, event_floor, term FROM head").Begin();
        head.Step();
        return new StoreHead(head.Number(0), head.Number(1), head.Number(2), head.Number(3));
    }

    public override Dictionary<EntityKey, long> ReadVersions(IReadOnlyCollection<EntityKey> keys)
    {
        var versions = new Dictionary<EntityKey, long>(keys.Count);
        var statement = _writer.Statement("SELECT version FROM entity WHERE kind = ? AND id = ?");
        foreach (var key in keys)
        {
            using var run = statement.Begin().Bind(key.Kind).Bind(key.Id);
            if (run.Step())
                versions[key] = run.Number(0);
        }
        return versions;
    }

    public override void Apply(GroupPlan plan) => Transact(plan, static (self, plan) =>
    {
        foreach (var (key, write) in plan.Writes)
            self.Write(key, write);
        var time = plan.Time.ToUnixTimeMilliseconds();
        var append = self._writer.Statement("INSERT INTO event VALUES (?, ?, ?, ?)");
        foreach (var planned in plan.Events)
        {
            using var run = append.Begin().Bind(planned.Sequence).Bind(planned.Topic).Bind(time).Bind(planned.Body.Span);
            run.Step();
        }
        self.WriteHead(plan.Head);
    });

    public override void DropEvents(StoreHead head) => Transact(head, static (self, head) =>
    {
        using (var run = self._writer.Statement("DELETE FROM event WHERE sequence < ?").Begin().Bind(head.EventFloor))
            run.Step();
        self.WriteHead(head);
    });

    public override void Dispose()
    {
        _readers.Dispose();
        _writer.Dispose();
        _lock.Dispose();
    }

    public override ValueTask<StoredEntity?> ReadAsync(EntityKey key, CancellationToken cancellation)
    {
        using var loan = _readers.Lend();
        using var run = loan.Connection.Statement("SELECT version, body FROM entity WHERE kind = ? AND id = ?")
            .Begin().Bind(key.Kind).Bind(key.Id);
        return ValueTask.FromResult(run.Step() ? new StoredEntity(key, run.Number(0), run.Blob(1)) : null);
    }

    public override async IAsyncEnumerable<StoredEntity> ReadAllAsync(
        string kind, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var loan = _readers.Lend();
        using var run = loan.Connection.Statement("SELECT id, version, body FROM entity WHERE kind = ? ORDER BY id").Begin().Bind(kind);
        while (run.Step())
        {
            cancellation.ThrowIfCancellationRequested();
            yield return new StoredEntity(new EntityKey(kind, run.Text(0)), run.Number(1), run.Blob(2));
        }
        await ValueTask.CompletedTask;
    }

    public override ValueTask<EventPage> ReadEventsAsync(long since, string? topic, int limit, CancellationToken cancellation)
    {
        using var loan = _readers.Lend();
        var (last, floor) = ReadEventBounds(loan.Connection);
        const string Events = "SELECT sequence, topic, time, body FROM event WHERE sequence > ?";
        using var run = topic is null
            ? loan.Connection.Statement(Events + " ORDER BY sequence LIMIT ?").Begin().Bind(since).Bind(limit)
            : loan.Connection.Statement(Events + " AND topic = ? ORDER BY sequence LIMIT ?").Begin().Bind(since).Bind(topic).Bind(limit);
        var events = new List<StoredEvent>();
        while (run.Step())
            events.Add(new StoredEvent(run.Number(0), run.Text(1), DateTimeOffset.FromUnixTimeMilliseconds(run.Number(2)), run.Blob(3)));
        var full = events.Count == limit;
        return ValueTask.FromResult(new EventPage(events, floor, full ? events[^1].Sequence : last, full));
    }

    private static (long Last, long Floor) ReadEventBounds(SqliteConnection connection)
    {
        using var run = connection.Statement("SELECT event_sequence, event_floor FROM head").Begin();
        run.Step();
        return (run.Number(0), run.Number(1));
    }

    private static SqliteConnection OpenWriter(string path)
    {
        var connection = new SqliteConnection(path, readOnly: false);
        try
        {
            connection.Execute("PRAGMA journal_mode = WAL");
            connection.Execute("PRAGMA synchronous = FULL");
            connection.Execute($"PRAGMA wal_autocheckpoint = {CheckpointPages}");
            SqliteSchema.Upgrade(connection, path);
            return connection;
        }
        catch (StoreException)
        {
            connection.Dispose();
            throw;
        }
    }

    private void Transact<T>(T what, Action<SqliteBackend, T> work)
    {
        try
        {
            _writer.Execute("BEGIN IMMEDIATE");
            work(this, what);
        }
        catch (StoreException)
        {
            _writer.Rollback();
            throw;
        }
        try
        {
            _writer.Execute("COMMIT");
        }
        catch (StoreException failure)
        {
            _writer.Rollback();
            throw SqliteFailures.OfCommit(failure);
        }
    }

    private void Write(EntityKey key, PlannedWrite write)
    {
        if (write.Body is not { } body)
        {
            using var delete = _writer.Statement("DELETE FROM entity WHERE kind = ? AND id = ?").Begin().Bind(key.Kind).Bind(key.Id);
            delete.Step();
            return;
        }
        const string Put =
            "INSERT INTO entity VALUES (?, ?, ?, ?) ON CONFLICT (kind, id) DO UPDATE SET version = excluded.version, body = excluded.body";
        using var run = _writer.Statement(Put).Begin().Bind(key.Kind).Bind(key.Id).Bind(write.Version).Bind(body.Span);
        run.Step();
    }

    private void WriteHead(StoreHead head)
    {
        using var run = _writer.Statement("UPDATE head SET revision = ?, event_sequence = ?, event_floor = ?")
            .Begin().Bind(head.Revision).Bind(head.EventSequence).Bind(head.EventFloor);
        run.Step();
    }
}
