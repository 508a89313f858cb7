namespace Pewter.Store.Sqlite;

/// <summary>The tables, as the steps that made them; user_version is the number of the last step done.</summary>
internal static class SqliteSchema
{
    private static readonly string[] Steps =
    [
        """
        CREATE TABLE head (
            one INTEGER PRIMARY KEY CHECK (one = 1),
            revision INTEGER NOT NULL, event_sequence INTEGER NOT NULL, event_floor INTEGER NOT NULL, term INTEGER NOT NULL);
        INSERT INTO head VALUES (1, 0, 0, 1, 0);
        CREATE TABLE entity (
            kind TEXT NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL, body BLOB,
            PRIMARY KEY (kind, id)) WITHOUT ROWID;
        CREATE TABLE event (sequence INTEGER PRIMARY KEY, topic TEXT NOT NULL, time INTEGER NOT NULL, body BLOB);
        """,
    ];

    public static void Upgrade(SqliteConnection connection, string path)
    {
        var number = connection.ReadNumber("PRAGMA user_version");
        if (number > Steps.Length)
            throw Failures.NewerSchema(path, number, Steps.Length);
        for (var i = (int)number; i < Steps.Length; i++)
            connection.ExecuteScript($"BEGIN IMMEDIATE; {Steps[i]} PRAGMA user_version = {i + 1}; COMMIT;");
    }
}
