using System.Diagnostics;
using Pewter.Store.Sqlite;

namespace Pewter.Store.Benchmarks;

/// <summary>The rival: the same rows in the same SQLite with the same durability, a transaction a change.</summary>
internal static class PlainSqlite
{
    /// <summary>Transactions a second.</summary>
    public static double Measure(string directory, TimeSpan duration)
    {
        using var connection = new SqliteConnection(Path.Combine(directory, "plain.db"), readOnly: false);
        connection.Execute("PRAGMA journal_mode = WAL");
        connection.Execute("PRAGMA synchronous = FULL");
        connection.ExecuteScript("CREATE TABLE IF NOT EXISTS entity (id TEXT PRIMARY KEY, body BLOB) WITHOUT ROWID");
        var (body, count, watch) = (new byte[100], 0, Stopwatch.StartNew());
        for (; watch.Elapsed < duration; count++)
        {
            using var run = connection.Statement("INSERT OR REPLACE INTO entity VALUES (?, ?)").Begin().Bind($"n{count % 1000}").Bind(body);
            run.Step();
        }
        return count / watch.Elapsed.TotalSeconds;
    }
}
