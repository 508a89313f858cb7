using Npgsql;

namespace Pewter.Store.Postgres;

/// <summary>
/// The connection that holds the lead, or asks for it: an advisory lock of this session, so that it passes on when the session ends in
/// whatever way. Used by the writer's thread alone.
/// </summary>
internal sealed class PostgresSession : IDisposable
{
    /// <summary>
    /// The first half of the lock's key, so that other users of advisory locks in the database do not meet ours ("Pewt").
    /// </summary>
    private const int LockClass = 0x50657774;

    private readonly NpgsqlConnection _connection;
    private readonly string _schema;

    public PostgresSession(NpgsqlConnection connection, string schema) => (_connection, _schema) = (connection, schema);

    /// <summary>
    /// Asks for the lock without waiting: a statement that waits would hold a snapshot and so keep VACUUM from its work for as long.
    /// </summary>
    public bool TryLock()
    {
        using var command = new NpgsqlCommand("SELECT pg_try_advisory_lock($1, hashtext($2))", _connection)
        {
            Parameters = { new() { Value = LockClass }, new() { Value = _schema } },
        };
        return command.ExecuteScalar() is true;
    }

    public StoreHead StartTerm()
    {
        PostgresSchema.Upgrade(_connection, _schema);
        using var command = new NpgsqlCommand(
            "UPDATE head SET term = term + 1 RETURNING revision, event_sequence, event_floor, term", _connection);
        using var reader = command.ExecuteReader();
        reader.Read();
        return new StoreHead(reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3));
    }

    public bool IsTerm(long term)
    {
        using var command = new NpgsqlCommand("SELECT term FROM head", _connection);
        return command.ExecuteScalar() is long found && found == term;
    }

    public Dictionary<EntityKey, long> ReadVersions(IReadOnlyCollection<EntityKey> keys)
    {
        const string Sql = "SELECT kind, id, version FROM entity JOIN unnest($1::text[], $2::text[]) AS wanted (kind, id) USING (kind, id)";
        using var command = new NpgsqlCommand(Sql, _connection)
        {
            Parameters = { Array(keys.Select(k => k.Kind)), Array(keys.Select(k => k.Id)) },
        };
        using var reader = command.ExecuteReader();
        var versions = new Dictionary<EntityKey, long>(keys.Count);
        while (reader.Read())
            versions[new EntityKey(reader.GetString(0), reader.GetString(1))] = reader.GetInt64(2);
        return versions;
    }

    /// <summary>Runs the plan up to but without COMMIT; the caller commits and disposes. False: another leads.</summary>
    public bool TryWrite(GroupPlan plan, out NpgsqlTransaction transaction)
    {
        transaction = _connection.BeginTransaction();
        using var batch = new NpgsqlBatch(_connection, transaction) { BatchCommands = { UpdateHead(plan.Head) } };
        var puts = plan.Writes.Where(w => w.Value.Body is not null).ToList();
        if (puts.Count > 0)
            batch.BatchCommands.Add(Put(puts));
        if (puts.Count < plan.Writes.Count)
            batch.BatchCommands.Add(Delete(plan.Writes.Where(w => w.Value.Body is null).Select(w => w.Key).ToList()));
        if (plan.Events.Count > 0)
            batch.BatchCommands.Add(Append(plan));
        batch.ExecuteNonQuery();
        return batch.BatchCommands[0].RecordsAffected == 1;
    }

    /// <summary>The same for dropping events.</summary>
    public bool TryDropEvents(StoreHead head, out NpgsqlTransaction transaction)
    {
        transaction = _connection.BeginTransaction();
        var drop = new NpgsqlBatchCommand("DELETE FROM event WHERE sequence < $1") { Parameters = { new() { Value = head.EventFloor } } };
        using var batch = new NpgsqlBatch(_connection, transaction) { BatchCommands = { UpdateHead(head), drop } };
        batch.ExecuteNonQuery();
        return batch.BatchCommands[0].RecordsAffected == 1;
    }

    public void Dispose() => _connection.Dispose();

    /// <summary>The fence: no row is there to update when the term has moved on.</summary>
    private static NpgsqlBatchCommand UpdateHead(StoreHead head) => new(
        "UPDATE head SET revision = $1, event_sequence = $2, event_floor = $3 WHERE term = $4")
    {
        Parameters =
        {
            new() { Value = head.Revision }, new() { Value = head.EventSequence }, new() { Value = head.EventFloor },
            new() { Value = head.Term },
        },
    };

    private static NpgsqlBatchCommand Put(List<KeyValuePair<EntityKey, PlannedWrite>> puts) => new(
        """
        INSERT INTO entity SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bytea[])
        ON CONFLICT (kind, id) DO UPDATE SET version = excluded.version, body = excluded.body
        """)
    {
        Parameters =
        {
            Array(puts.Select(p => p.Key.Kind)), Array(puts.Select(p => p.Key.Id)), Array(puts.Select(p => p.Value.Version)),
            Array(puts.Select(p => p.Value.Body!.Value.ToArray())),
        },
    };

    private static NpgsqlBatchCommand Delete(List<EntityKey> keys) => new(
        "DELETE FROM entity WHERE (kind, id) IN (SELECT * FROM unnest($1::text[], $2::text[]))")
    {
        Parameters = { Array(keys.Select(k => k.Kind)), Array(keys.Select(k => k.Id)) },
    };

    private static NpgsqlBatchCommand Append(GroupPlan plan) => new(
        """
        INSERT INTO event SELECT sequence, topic, $4, body
        FROM unnest($1::bigint[], $2::text[], $3::bytea[]) AS e (sequence, topic, body)
        """)
    {
        Parameters =
        {
            Array(plan.Events.Select(e => e.Sequence)), Array(plan.Events.Select(e => e.Topic)),
            Array(plan.Events.Select(e => e.Body.ToArray())), new() { Value = plan.Time.ToUnixTimeMilliseconds() },
        },
    };

    private static NpgsqlParameter Array<T>(IEnumerable<T> values) => new() { Value = values.ToArray() };
}
