using System.Globalization;

namespace Pewter.Store.Sqlite;

/// <summary>
/// The exclusive hold of a state directory: flock(2) on <c>lock</c>, which the kernel releases when the process ends in whatever way. The
/// holder's pid stands in <c>lock.pid</c>, only for the sentence of refusal; a stale one does no harm.
/// </summary>
internal sealed class StateDirectoryLock : IDisposable
{
    private readonly FileStream _lock;

    private StateDirectoryLock(FileStream held) => _lock = held;

    public static StateDirectoryLock Take(string directory)
    {
        var pidFile = Path.Combine(directory, "lock.pid");
        FileStream held;
        try
        {
            // FileShare.None is an exclusive flock.
            held = new FileStream(Path.Combine(directory, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException failure) when (failure is not (DirectoryNotFoundException or PathTooLongException))
        {
            throw new StoreException(StoreErrno.EBUSY, Refusal(directory, pidFile), inner: failure);
        }
        WritePid(pidFile);
        return new StateDirectoryLock(held);
    }

    public void Dispose() => _lock.Dispose();

    private static string Refusal(string directory, string pidFile) => HolderOf(pidFile) is { } pid
        ? $"The state directory {directory} is in use by process {pid}; stop that one, or choose another directory with --state."
        : $"The state directory {directory} is in use by another process; stop that one, or choose another directory with --state.";

    private static int? HolderOf(string pidFile)
    {
        try
        {
            return int.TryParse(File.ReadAllText(pidFile), NumberStyles.None, CultureInfo.InvariantCulture, out var pid)
                && Directory.Exists($"/proc/{pid}") ? pid : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>On a full disk the pid stays unwritten, and the daemon must start nevertheless.</summary>
    private static void WritePid(string pidFile)
    {
        try
        {
            File.WriteAllText(pidFile, Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
        }
        catch (IOException)
        {
            File.Delete(pidFile);
        }
    }
}
