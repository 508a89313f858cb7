using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Npgsql;

namespace Pewter.Store.Postgres;

/// <summary>
/// The store in a PostgreSQL schema that several daemons share. The lead is an advisory lock of one session; all commits go through
/// that session and are fenced by the term besides. Reads go through a pool.
/// </summary>
internal sealed partial class PostgresBackend : StoreBackend
{
    /// <summary>
    /// Settings of the leading session. The server ends it when it is silent for 4 s, as a frozen or cut-off leader is, and so lets
    /// another lead within 5 s; a live one asks something every second. Durable means durable, whatever the server's own default.
    /// </summary>
    private const string LeadOptions =
        " -c synchronous_commit=on -c idle_session_timeout=4000 -c idle_in_transaction_session_timeout=4000 -c tcp_keepalives_idle=1"
        + " -c tcp_keepalives_interval=1 -c tcp_keepalives_count=3 -c tcp_user_timeout=4000";

    private readonly NpgsqlDataSource _readers;
    private readonly NpgsqlDataSource _leaders;
    private readonly string _schema;
    private PostgresSession? _session;

    private PostgresBackend(NpgsqlDataSource readers, NpgsqlDataSource leaders, string schema)
    {
        (_readers, _leaders, _schema) = (readers, leaders, schema);
    }

    public static PostgresBackend Open(string connection, string schema)
    {
        if (!SchemaName().IsMatch(schema))
            throw new ArgumentException("A schema is named by small letters, digits and '_', at most 63.", nameof(schema));
        var readers = new NpgsqlConnectionStringBuilder(connection) { ApplicationName = "pewter", Timeout = 5 };
        readers.Options = $"{readers.Options} -c search_path={schema}";
        // Not pooled: a lock must end with its connection. The timeouts bound how long a leader that is cut off believes that it leads.
        var leaders = new NpgsqlConnectionStringBuilder(readers.ConnectionString) { Pooling = false, CommandTimeout = 4 };
        leaders.Options += LeadOptions;
        var backend = new PostgresBackend(
            NpgsqlDataSource.Create(readers.ConnectionString), NpgsqlDataSource.Create(leaders.ConnectionString), schema);
        try
        {
            backend.CheckSchema();
            return backend;
        }
        catch (StoreException)
        {
            backend.Dispose();
            throw;
        }
    }

    public override bool SharesLead => true;

    public override StoreHead? TryLead() => Guarded<StoreHead?>(() =>
    {
        _session ??= new PostgresSession(_leaders.OpenConnection(), _schema);
        return _session.TryLock() ? _session.StartTerm() : null;
    });

    public override void CheckLead(StoreHead head)
    {
        if (!Guarded(() => Session(head).IsTerm(head.Term)))
            throw PostgresFailures.Deposed(head.Term);
    }

    public override void Resign()
    {
        _session?.Dispose();
        _session = null;
    }

    public override Dictionary<EntityKey, long> ReadVersions(IReadOnlyCollection<EntityKey> keys) =>
        Guarded(() => Session(default).ReadVersions(keys));

    public override void Apply(GroupPlan plan)
    {
        NpgsqlTransaction? transaction = null;
        Commit(plan.Head, () => Session(plan.Head).TryWrite(plan, out transaction), () => transaction);
    }

    public override void DropEvents(StoreHead head)
    {
        NpgsqlTransaction? transaction = null;
        Commit(head, () => Session(head).TryDropEvents(head, out transaction), () => transaction);
    }

    public override void Dispose()
    {
        Resign();
        _leaders.Dispose();
        _readers.Dispose();
    }

    public override async ValueTask<StoredEntity?> ReadAsync(EntityKey key, CancellationToken cancellation)
    {
        await using var command = _readers.CreateCommand("SELECT version, body FROM entity WHERE kind = $1 AND id = $2");
        command.Parameters.Add(new() { Value = key.Kind });
        command.Parameters.Add(new() { Value = key.Id });
        await using var reader = await QueryAsync(command, cancellation);
        return await GuardedAsync(reader.ReadAsync(cancellation))
            ? new StoredEntity(key, reader.GetInt64(0), reader.GetFieldValue<byte[]>(1))
            : null;
    }

    public override async IAsyncEnumerable<StoredEntity> ReadAllAsync(
        string kind, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var command = _readers.CreateCommand("SELECT id, version, body FROM entity WHERE kind = $1 ORDER BY id");
        command.Parameters.Add(new() { Value = kind });
        await using var reader = await QueryAsync(command, cancellation);
        while (await GuardedAsync(reader.ReadAsync(cancellation)))
            yield return new StoredEntity(
                new EntityKey(kind, reader.GetString(0)), reader.GetInt64(1), reader.GetFieldValue<byte[]>(2));
    }

    public override async ValueTask<EventPage> ReadEventsAsync(long since, string? topic, int limit, CancellationToken cancellation)
    {
        // One statement is one moment: the bounds come with every row, and alone when there is none.
        const string Sql =
            """
            SELECT h.event_sequence, h.event_floor, e.sequence, e.topic, e.time, e.body
            FROM head h LEFT JOIN (
                SELECT * FROM event WHERE sequence > $1 AND ($2::text IS NULL OR topic = $2) ORDER BY sequence LIMIT $3) e ON true
            ORDER BY e.sequence
            """;
        await using var command = _readers.CreateCommand(Sql);
        command.Parameters.Add(new() { Value = since });
        command.Parameters.Add(new() { Value = (object?)topic ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text });
        command.Parameters.Add(new() { Value = limit });
        await using var reader = await QueryAsync(command, cancellation);
        var (events, last, floor) = (new List<StoredEvent>(), 0L, 0L);
        while (await GuardedAsync(reader.ReadAsync(cancellation)))
        {
            (last, floor) = (reader.GetInt64(0), reader.GetInt64(1));
            if (!reader.IsDBNull(2))
                events.Add(new StoredEvent(
                    reader.GetInt64(2), reader.GetString(3), DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(4)),
                    reader.GetFieldValue<byte[]>(5)));
        }
        var full = events.Count == limit;
        return new EventPage(events, floor, full ? events[^1].Sequence : last, full);
    }

    [GeneratedRegex("^[a-z_][a-z0-9_]{0,62}$")]
    private static partial Regex SchemaName();

    /// <summary>A server that restarted leaves dead connections in the pool; then the question is asked once more on a new one.</summary>
    private async Task<NpgsqlDataReader> QueryAsync(NpgsqlCommand command, CancellationToken cancellation)
    {
        try
        {
            return await GuardedAsync(command.ExecuteReaderAsync(cancellation));
        }
        catch (StoreException failure) when (failure.Errno == StoreErrno.ECONNRESET)
        {
            _readers.Clear();
            return await GuardedAsync(command.ExecuteReaderAsync(cancellation));
        }
    }

    private static async Task<T> GuardedAsync<T>(Task<T> work)
    {
        try
        {
            return await work;
        }
        catch (NpgsqlException failure)
        {
            throw PostgresFailures.Create(failure);
        }
    }

    private static T Guarded<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (NpgsqlException failure)
        {
            throw PostgresFailures.Create(failure);
        }
    }

    private PostgresSession Session(StoreHead head) => _session ?? throw PostgresFailures.Deposed(head.Term);

    private void CheckSchema() => Guarded(() =>
    {
        using var connection = _readers.OpenConnection();
        return PostgresSchema.Check(connection, _schema);
    });

    private static void Commit(StoreHead head, Func<bool> write, Func<NpgsqlTransaction?> transaction)
    {
        try
        {
            if (!Guarded(write))
                throw PostgresFailures.Deposed(head.Term);
            try
            {
                Guarded(() => { transaction()!.Commit(); return true; });
            }
            catch (StoreException failure)
            {
                throw PostgresFailures.OfCommit(failure);
            }
        }
        finally
        {
            transaction()?.Dispose();
        }
    }
}
