using Npgsql;

namespace Pewter.Store.Postgres;

/// <summary>The tables, as the steps that made them. The search path names the schema, so the statements need not.</summary>
internal static class PostgresSchema
{
    private static readonly string[] Steps =
    [
        """
        CREATE TABLE head (
            one int PRIMARY KEY CHECK (one = 1),
            revision bigint NOT NULL, event_sequence bigint NOT NULL, event_floor bigint NOT NULL, term bigint NOT NULL);
        INSERT INTO head VALUES (1, 0, 0, 1, 0);
        CREATE TABLE entity (
            kind text COLLATE "C" NOT NULL, id text COLLATE "C" NOT NULL, version bigint NOT NULL, body bytea NOT NULL,
            PRIMARY KEY (kind, id));
        CREATE TABLE event (sequence bigint PRIMARY KEY, topic text NOT NULL, time bigint NOT NULL, body bytea NOT NULL);
        """,
    ];

    /// <summary>Refuses a schema that a newer version made; null when there is none yet.</summary>
    public static int? Check(NpgsqlConnection connection, string schema)
    {
        using var exists = new NpgsqlCommand("SELECT to_regclass('schema_number') IS NOT NULL", connection);
        if (exists.ExecuteScalar() is not true)
            return null;
        using var command = new NpgsqlCommand("SELECT number FROM schema_number", connection);
        var number = (int)command.ExecuteScalar()!;
        if (number > Steps.Length)
            throw Failures.NewerSchema($"The PostgreSQL schema {schema}", number, Steps.Length);
        return number;
    }

    /// <summary>Runs the missing steps, all in one transaction. Only the leader may.</summary>
    public static void Upgrade(NpgsqlConnection connection, string schema)
    {
        var number = Check(connection, schema);
        if (number == Steps.Length)
            return;
        using var transaction = connection.BeginTransaction();
        if (number is null)
            Execute(connection, $"CREATE SCHEMA IF NOT EXISTS {schema}; CREATE TABLE schema_number AS SELECT 0 AS number");
        foreach (var step in Steps.Skip(number ?? 0))
            Execute(connection, step);
        Execute(connection, $"UPDATE schema_number SET number = {Steps.Length}");
        transaction.Commit();
    }

    private static void Execute(NpgsqlConnection connection, string sql)
    {
        using var command = new NpgsqlCommand(sql, connection);
        command.ExecuteNonQuery();
    }
}
