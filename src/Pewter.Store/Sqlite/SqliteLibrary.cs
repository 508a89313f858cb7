using System.Reflection;
using System.Runtime.InteropServices;
using SQLitePCL;

namespace Pewter.Store.Sqlite;

/// <summary>
/// Loads SQLite once: the system's library when it is there, because it gets the distribution's fixes, else the one that the package
/// brings.
/// </summary>
internal static class SqliteLibrary
{
    private static readonly Lazy<string> Loaded = new(Load);

    /// <summary>The version in use.</summary>
    public static string Version => Loaded.Value;

    private static string Load()
    {
        // The resolver must stand before the first call, or the packaged library is loaded beside the system's.
        NativeLibrary.SetDllImportResolver(typeof(SQLite3Provider_e_sqlite3).Assembly, Resolve);
        Batteries_V2.Init();
        return raw.sqlite3_libversion().utf8_to_string();
    }

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path) =>
        name == "e_sqlite3" && NativeLibrary.TryLoad("libsqlite3.so.0", out var library) ? library : 0;
}
