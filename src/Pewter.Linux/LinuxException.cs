using System.Runtime.InteropServices;

namespace Pewter.Linux;

/// <summary>A system call that failed: the kernel's errno and a sentence that says what was attempted.</summary>
public sealed class LinuxException : Exception
{
    /// <summary>Creates the failure.</summary>
    /// <param name="errno">The positive errno.</param>
    /// <param name="attempt">What was attempted, without a full stop: "open /dev/net/tun".</param>
    public LinuxException(int errno, string attempt)
        : base($"{attempt}: {Marshal.GetPInvokeErrorMessage(errno)}.") => Errno = errno;

    /// <summary>The positive errno as the kernel numbers it.</summary>
    public int Errno { get; }

    internal static LinuxException Last(string attempt) => new(Marshal.GetLastPInvokeError(), attempt);

    /// <summary>Returns <paramref name="result"/>, or throws the last error when it is negative.</summary>
    internal static int Check(int result, string attempt) => result >= 0 ? result : throw Last(attempt);

    /// <summary>Returns <paramref name="result"/>, or throws the last error when it is negative.</summary>
    internal static nint Check(nint result, string attempt) => result >= 0 ? result : throw Last(attempt);
}
