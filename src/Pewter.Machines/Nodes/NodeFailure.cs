using Pewter.Linux;
using Pewter.NineP;
using Pewter.Store;

namespace Pewter.Machines.Nodes;

/// <summary>Tells what can be expected to fail from bugs, and gives it the one form that files have.</summary>
internal static class NodeFailure
{
    /// <summary>Whether a step may fail so.</summary>
    public static bool IsExpected(Exception exception) =>
        exception is FileException or LinuxException or StoreException or IOException or UnauthorizedAccessException or TimeoutException;

    /// <summary>The failure as a file's.</summary>
    public static FileException From(Exception exception, string what) => exception switch
    {
        FileException file => new FileException(file.Errno, $"{what}: {file.Message}", file),
        LinuxException linux => new FileException((Errno)linux.Errno, $"{what}: {linux.Message}", linux),
        StoreException store => new FileException((Errno)store.Errno, $"{what}: {store.Message}", store),
        TimeoutException => new FileException(Errno.ETIMEDOUT, $"{what}: {exception.Message}", exception),
        UnauthorizedAccessException => new FileException(Errno.EACCES, $"{what}: {exception.Message}", exception),
        _ => new FileException(Errno.EIO, $"{what}: {exception.Message}", exception),
    };
}
