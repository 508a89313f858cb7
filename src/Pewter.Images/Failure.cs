using Pewter.Linux;
using Pewter.NineP;
using Pewter.Store;

namespace Pewter.Images;

/// <summary>Tells what can be expected to fail from bugs, and gives it the one form that files have.</summary>
internal static class Failure
{
    /// <summary>Whether it may happen on a machine that is as machines are.</summary>
    public static bool IsExpected(Exception exception) =>
        exception is FileException or LinuxException or StoreException or IOException or UnauthorizedAccessException or TimeoutException;

    /// <summary>The failure as a file's.</summary>
    public static FileException From(Exception exception) => exception switch
    {
        FileException file => file,
        LinuxException linux => new FileException((Errno)linux.Errno, linux.Message, linux),
        StoreException store => new FileException((Errno)store.Errno, store.Message, store),
        TimeoutException => new FileException(Errno.ETIMEDOUT, exception.Message, exception),
        UnauthorizedAccessException => new FileException(Errno.EACCES, exception.Message, exception),
        _ => new FileException(Errno.EIO, exception.Message, exception),
    };
}
