using Pewter.Store.Memory;
using Pewter.Store.Postgres;
using Pewter.Store.Sqlite;

namespace Pewter.Store;

public sealed partial class StateStore
{
    /// <summary>
    /// Opens the store in a state directory on this machine, made if it is missing, for this process alone.
    /// </summary>
    /// <exception cref="StoreException">EBUSY: another daemon has the directory, the message says which. EPROTO: a newer version wrote
    /// it. EIO: it is damaged.</exception>
    public static StateStore OpenDirectory(string directory, StoreLimits? limits = null, TimeProvider? time = null) =>
        new(SqliteBackend.Open(directory), limits ?? new StoreLimits(), time ?? TimeProvider.System);

    /// <summary>
    /// Opens the store in a PostgreSQL database that several daemons share. It stands by until <see cref="LeadAsync"/>.
    /// </summary>
    /// <param name="connection">An Npgsql connection string; Unix sockets and TLS alike.</param>
    /// <param name="schema">The schema that holds the tables: a store of its own, with a lead of its own. Made if it is missing.</param>
    /// <param name="limits">Limits other than the defaults.</param>
    /// <param name="time">The clock of events and retries.</param>
    /// <exception cref="StoreException">ECONNRESET: the server does not answer. EACCES: it refuses. EPROTO: a newer version wrote
    /// it.</exception>
    public static StateStore OpenPostgres(
        string connection, string schema = "pewter", StoreLimits? limits = null, TimeProvider? time = null) =>
        new(PostgresBackend.Open(connection, schema), limits ?? new StoreLimits(), time ?? TimeProvider.System);

    /// <summary>Opens a store in memory, for tests and simulations.</summary>
    /// <exception cref="StoreException">EBUSY: a store is open on the disk.</exception>
    public static StateStore OpenMemory(MemoryDisk? disk = null, StoreLimits? limits = null, TimeProvider? time = null) =>
        new(new MemoryBackend(disk ?? new MemoryDisk()), limits ?? new StoreLimits(), time ?? TimeProvider.System);
}
