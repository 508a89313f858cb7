using SQLitePCL;

namespace Pewter.Store.Sqlite;

/// <summary>Turns SQLite's result codes into errno and sentence.</summary>
internal static class SqliteFailures
{
    public static StoreException Create(string path, int code, string message) => (code & 0xff) switch
    {
        raw.SQLITE_FULL => new(StoreErrno.ENOSPC, $"The disk of {path} is full; nothing was written. Make room and try again."),
        raw.SQLITE_BUSY or raw.SQLITE_LOCKED => new(StoreErrno.EBUSY, $"Another program works on {path} ({message}); end it."),
        raw.SQLITE_READONLY or raw.SQLITE_PERM or raw.SQLITE_AUTH => new(StoreErrno.EACCES, $"{path} cannot be written: {message}."),
        raw.SQLITE_CANTOPEN => new(StoreErrno.EACCES, $"{path} cannot be opened; look at the rights and the room of its directory."),
        raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB => new(
            StoreErrno.EIO, $"{path} is damaged ({message}); restore it from a copy, and look for a broken disk."),
        _ => new(StoreErrno.EIO, $"{path} failed: {message} ({code}); look for a broken disk in the kernel's log."),
    };

    /// <summary>
    /// A failure of COMMIT itself. A full disk is met before the commit record is written, so nothing is kept; after any other failure
    /// the record may have reached the disk.
    /// </summary>
    public static StoreException OfCommit(StoreException failure) => failure.Errno == StoreErrno.ENOSPC
        ? failure
        : new(failure.Errno, failure.Message, outcomeUnknown: true, failure);
}
