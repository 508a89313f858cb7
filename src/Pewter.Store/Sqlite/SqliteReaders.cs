using System.Collections.Concurrent;

namespace Pewter.Store.Sqlite;

/// <summary>Connections for reading, lent to one reader at a time; WAL lets them read while the writer writes.</summary>
internal sealed class SqliteReaders(string path) : IDisposable
{
    /// <summary>Kept when idle; more readers at once open and close their own.</summary>
    private const int Kept = 4;

    private readonly ConcurrentBag<SqliteConnection> _idle = [];
    private volatile bool _closed;

    public Loan Lend()
    {
        if (_closed)
            throw Failures.Closed();
        return new Loan(this, _idle.TryTake(out var connection) ? connection : new SqliteConnection(path, readOnly: true));
    }

    public void Dispose()
    {
        _closed = true;
        while (_idle.TryTake(out var connection))
            connection.Dispose();
    }

    private void Return(SqliteConnection connection)
    {
        if (_closed || _idle.Count >= Kept)
            connection.Dispose();
        else
            _idle.Add(connection);
    }

    /// <summary>One reading transaction; everything read in it is of one moment.</summary>
    internal readonly struct Loan : IDisposable
    {
        private readonly SqliteReaders _readers;

        public Loan(SqliteReaders readers, SqliteConnection connection)
        {
            (_readers, Connection) = (readers, connection);
            connection.Execute("BEGIN");
        }

        public SqliteConnection Connection { get; }

        public void Dispose()
        {
            Connection.Rollback();
            _readers.Return(Connection);
        }
    }
}
