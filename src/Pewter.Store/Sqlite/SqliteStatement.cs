using System.Text;
using SQLitePCL;

namespace Pewter.Store.Sqlite;

/// <summary>A prepared statement. <see cref="Begin"/> … <see cref="Dispose"/> is one run of it; it may be run again.</summary>
internal sealed class SqliteStatement(SqliteConnection connection, sqlite3_stmt handle) : IDisposable
{
    private int _parameter;

    /// <summary>Starts a run.</summary>
    public SqliteStatement Begin()
    {
        _parameter = 0;
        return this;
    }

    /// <summary>Binds the next parameter.</summary>
    public SqliteStatement Bind(string text)
    {
        Span<byte> utf8 = stackalloc byte[EntityKey.MaxLength * 3];
        var length = Encoding.UTF8.GetBytes(text, utf8);
        connection.Check(raw.sqlite3_bind_text(handle, ++_parameter, utf8[..length]));
        return this;
    }

    /// <summary>Binds the next parameter.</summary>
    public SqliteStatement Bind(long number)
    {
        connection.Check(raw.sqlite3_bind_int64(handle, ++_parameter, number));
        return this;
    }

    /// <summary>Binds the next parameter.</summary>
    public SqliteStatement Bind(ReadOnlySpan<byte> blob)
    {
        connection.Check(raw.sqlite3_bind_blob(handle, ++_parameter, blob));
        return this;
    }

    /// <summary>Goes to the next row; false at the end.</summary>
    public bool Step()
    {
        var code = raw.sqlite3_step(handle);
        if (code == raw.SQLITE_ROW)
            return true;
        connection.Check(code);
        return false;
    }

    public long Number(int column) => raw.sqlite3_column_int64(handle, column);

    public string Text(int column) => raw.sqlite3_column_text(handle, column).utf8_to_string();

    public byte[] Blob(int column) => raw.sqlite3_column_blob(handle, column).ToArray();

    /// <summary>Ends the run. The failure of the last step was thrown there already.</summary>
    public void Dispose()
    {
        _ = raw.sqlite3_reset(handle);
        _ = raw.sqlite3_clear_bindings(handle);
    }

    /// <summary>Releases the statement for good.</summary>
    public void Finish() => handle.Dispose();
}
