using System.Text;
using SQLitePCL;

namespace Pewter.Store.Sqlite;

/// <summary>One SQLite connection; used by one thread at a time. Statements are prepared once and kept.</summary>
internal sealed class SqliteConnection : IDisposable
{
    private readonly sqlite3 _database;
    private readonly string _path;
    private readonly Dictionary<string, SqliteStatement> _statements = [];

    public SqliteConnection(string path, bool readOnly)
    {
        _ = SqliteLibrary.Version;
        _path = path;
        var flags = (readOnly ? raw.SQLITE_OPEN_READONLY : raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_CREATE) | raw.SQLITE_OPEN_NOMUTEX;
        var code = raw.sqlite3_open_v2(path, out _database, flags, null);
        if (code != raw.SQLITE_OK)
        {
            var failure = Failure(code);
            _database.Dispose();
            throw failure;
        }
        raw.sqlite3_extended_result_codes(_database, 1);
        raw.sqlite3_busy_timeout(_database, 5_000);
    }

    public bool InTransaction => raw.sqlite3_get_autocommit(_database) == 0;

    /// <summary>A prepared statement, reset and without parameters bound.</summary>
    public SqliteStatement Statement(string sql)
    {
        if (!_statements.TryGetValue(sql, out var statement))
        {
            Check(raw.sqlite3_prepare_v2(_database, Encoding.UTF8.GetBytes(sql), out var handle));
            _statements[sql] = statement = new SqliteStatement(this, handle);
        }
        return statement;
    }

    /// <summary>Runs a statement that gives no rows that matter.</summary>
    public void Execute(string sql)
    {
        using var statement = Statement(sql).Begin();
        while (statement.Step())
        {
        }
    }

    /// <summary>Runs several statements at once.</summary>
    public void ExecuteScript(string sql) => Check(raw.sqlite3_exec(_database, sql));

    public long ReadNumber(string sql)
    {
        using var statement = Statement(sql).Begin();
        return statement.Step() ? statement.Number(0) : 0;
    }

    /// <summary>Ends a transaction. SQLite may have ended a failed one already, and what it says about ending it adds nothing.</summary>
    public void Rollback()
    {
        if (InTransaction)
            _ = raw.sqlite3_exec(_database, "ROLLBACK");
    }

    public void Check(int code)
    {
        if (code is not (raw.SQLITE_OK or raw.SQLITE_ROW or raw.SQLITE_DONE))
            throw Failure(code);
    }

    public void Dispose()
    {
        foreach (var statement in _statements.Values)
            statement.Finish();
        _statements.Clear();
        raw.sqlite3_close_v2(_database);
        _database.Dispose();
    }

    private StoreException Failure(int code) =>
        SqliteFailures.Create(_path, code, raw.sqlite3_errmsg(_database).utf8_to_string());
}
