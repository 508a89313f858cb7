using Pewter.Configuration;
using Pewter.Store;

namespace Pewter.Daemon;

/// <summary>Where a daemon's state is: in its own directory, or in a PostgreSQL that it shares with others.</summary>
internal static class DaemonStore
{
    private const string Sqlite = "sqlite";

    /// <summary>The connection string of the shared store; null when the state is in the directory.</summary>
    public static string? Connection(Settings settings) => settings.Text("store") is { } store and not Sqlite ? store : null;

    /// <summary>The directory of a store that is not shared.</summary>
    public static string Place(PewterPaths paths) => Path.Combine(paths.State, "store");

    /// <summary>Opens it; it does not lead yet.</summary>
    public static StateStore Open(PewterPaths paths, string? connection, StoreLimits? limits = null) => connection is null
        ? StateStore.OpenDirectory(Place(paths), limits)
        : StateStore.OpenPostgres(connection, limits: limits);
}
