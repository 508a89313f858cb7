using System.Collections.Frozen;

namespace Pewter.NineP;

/// <summary>
/// The sentences of strerror(3). A 9P2000 error is exactly one of them and nothing more, because Linux turns it back into an errno by comparing
/// it whole (net/9p/error.c); so does our own client.
/// </summary>
public static class ErrnoText
{
    private static readonly FrozenDictionary<Errno, string> Texts = new Dictionary<Errno, string>
    {
        [Errno.EPERM] = "Operation not permitted",
        [Errno.ENOENT] = "No such file or directory",
        [Errno.ESRCH] = "No such process",
        [Errno.EINTR] = "Interrupted system call",
        [Errno.EIO] = "Input/output error",
        [Errno.ENXIO] = "No such device or address",
        [Errno.E2BIG] = "Argument list too long",
        [Errno.ENOEXEC] = "Exec format error",
        [Errno.EBADF] = "Bad file descriptor",
        [Errno.ECHILD] = "No child processes",
        [Errno.EAGAIN] = "Resource temporarily unavailable",
        [Errno.ENOMEM] = "Cannot allocate memory",
        [Errno.EACCES] = "Permission denied",
        [Errno.EBUSY] = "Device or resource busy",
        [Errno.EEXIST] = "File exists",
        [Errno.EXDEV] = "Invalid cross-device link",
        [Errno.ENODEV] = "No such device",
        [Errno.ENOTDIR] = "Not a directory",
        [Errno.EISDIR] = "Is a directory",
        [Errno.EINVAL] = "Invalid argument",
        [Errno.EMFILE] = "Too many open files",
        [Errno.EFBIG] = "File too large",
        [Errno.ENOSPC] = "No space left on device",
        [Errno.ESPIPE] = "Illegal seek",
        [Errno.EROFS] = "Read-only file system",
        [Errno.EPIPE] = "Broken pipe",
        [Errno.ERANGE] = "Numerical result out of range",
        [Errno.ENAMETOOLONG] = "File name too long",
        [Errno.ENOSYS] = "Function not implemented",
        [Errno.ENOTEMPTY] = "Directory not empty",
        [Errno.ELOOP] = "Too many levels of symbolic links",
        [Errno.ENODATA] = "No data available",
        [Errno.ENOLINK] = "Link has been severed",
        [Errno.EPROTO] = "Protocol error",
        [Errno.EOVERFLOW] = "Value too large for defined data type",
        [Errno.EILSEQ] = "Invalid or incomplete multibyte or wide character",
        [Errno.EMSGSIZE] = "Message too long",
        [Errno.EOPNOTSUPP] = "Operation not supported",
        [Errno.EADDRINUSE] = "Address already in use",
        [Errno.ECONNRESET] = "Connection reset by peer",
        [Errno.ENOBUFS] = "No buffer space available",
        [Errno.ETIMEDOUT] = "Connection timed out",
        [Errno.ECONNREFUSED] = "Connection refused",
        [Errno.EHOSTUNREACH] = "No route to host",
        [Errno.ESTALE] = "Stale file handle",
        [Errno.EDQUOT] = "Disk quota exceeded",
        [Errno.ECANCELED] = "Operation canceled",
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<string, Errno> Errnos =
        Texts.ToFrozenDictionary(pair => pair.Value, pair => pair.Key, StringComparer.OrdinalIgnoreCase);

    /// <summary>The sentence of an errno.</summary>
    public static string Of(Errno errno) => Texts.GetValueOrDefault(errno) ?? $"Error {(int)errno}";

    /// <summary>The errno of a sentence; <see cref="Errno.EIO"/> when it is none of ours.</summary>
    public static Errno Parse(string text) => Errnos.GetValueOrDefault(text, Errno.EIO);
}
