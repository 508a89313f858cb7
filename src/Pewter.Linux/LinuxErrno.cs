namespace Pewter.Linux;

/// <summary>The errno values that callers tell apart, as x86-64 and arm64 Linux number them.</summary>
public static class LinuxErrno
{
    /// <summary>Not permitted.</summary>
    public const int EPERM = 1;

    /// <summary>No such file or directory.</summary>
    public const int ENOENT = 2;

    /// <summary>No such process.</summary>
    public const int ESRCH = 3;

    /// <summary>Interrupted.</summary>
    public const int EINTR = 4;

    /// <summary>The argument list or environment is too long.</summary>
    public const int E2BIG = 7;

    /// <summary>Not a program the kernel can run.</summary>
    public const int ENOEXEC = 8;

    /// <summary>No child to wait for.</summary>
    public const int ECHILD = 10;

    /// <summary>Would wait; also a limit on processes reached.</summary>
    public const int EAGAIN = 11;

    /// <summary>An address that the kernel cannot read, such as one in a mapped file behind its end.</summary>
    public const int EFAULT = 14;

    /// <summary>Access denied.</summary>
    public const int EACCES = 13;

    /// <summary>Busy.</summary>
    public const int EBUSY = 16;

    /// <summary>Exists.</summary>
    public const int EEXIST = 17;

    /// <summary>A link across mounts; with openat2, a path that leaves its root.</summary>
    public const int EXDEV = 18;

    /// <summary>No such device or interface.</summary>
    public const int ENODEV = 19;

    /// <summary>Not a directory.</summary>
    public const int ENOTDIR = 20;

    /// <summary>Invalid argument.</summary>
    public const int EINVAL = 22;

    /// <summary>No space left.</summary>
    public const int ENOSPC = 28;

    /// <summary>The reader of a pipe is gone.</summary>
    public const int EPIPE = 32;

    /// <summary>Not implemented by this kernel.</summary>
    public const int ENOSYS = 38;

    /// <summary>Ending, and open to nothing new.</summary>
    public const int ESHUTDOWN = 108;

    /// <summary>Too many symbolic links, or one where none may be followed.</summary>
    public const int ELOOP = 40;

    /// <summary>The message is too large.</summary>
    public const int EMSGSIZE = 90;

    /// <summary>The address is taken.</summary>
    public const int EADDRINUSE = 98;

    /// <summary>A bad descriptor.</summary>
    public const int EBADF = 9;

    /// <summary>The connection was reset by its other end.</summary>
    public const int ECONNRESET = 104;

    /// <summary>No buffer space.</summary>
    public const int ENOBUFS = 105;

    /// <summary>Not connected.</summary>
    public const int ENOTCONN = 107;

    /// <summary>The time is over.</summary>
    public const int ETIMEDOUT = 110;

    /// <summary>Refused.</summary>
    public const int ECONNREFUSED = 111;

    /// <summary>The host is down.</summary>
    public const int EHOSTDOWN = 112;

    /// <summary>No way to the host.</summary>
    public const int EHOSTUNREACH = 113;
}
