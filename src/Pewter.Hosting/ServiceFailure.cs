using Pewter.Linux;
using Pewter.NineP;
using Pewter.Store;

namespace Pewter.Hosting;

/// <summary>Tells what a service can expect to fail from bugs, and gives it the one form that files have.</summary>
public static class ServiceFailure
{
    /// <summary>Whether the work of a service may fail so.</summary>
    public static bool IsExpected(Exception exception) =>
        exception is FileException or LinuxException or StoreException or IOException or UnauthorizedAccessException or TimeoutException;

    /// <summary>The failure as a file's.</summary>
    /// <param name="exception">What was thrown.</param>
    /// <param name="what">What was being done, before the colon of the sentence.</param>
    public static FileException From(Exception exception, string what)
    {
        ArgumentNullException.ThrowIfNull(exception);
        var errno = exception switch
        {
            FileException file => file.Errno,
            LinuxException linux => (Errno)linux.Errno,
            StoreException store => (Errno)store.Errno,
            TimeoutException => Errno.ETIMEDOUT,
            UnauthorizedAccessException => Errno.EACCES,
            _ => Errno.EIO,
        };
        return new FileException(errno, $"{what}: {exception.Message}", exception);
    }
}
