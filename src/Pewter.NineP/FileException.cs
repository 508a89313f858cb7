namespace Pewter.NineP;

/// <summary>
/// The one expected failure of a file operation: an errno for programs and a sentence for people that says what is wrong and what to do.
/// 9P2000.L carries the errno, 9P2000 the sentence, HTTP both.
/// </summary>
public sealed class FileException : Exception
{
    /// <summary>Creates the failure.</summary>
    public FileException(Errno errno, string message, Exception? inner = null)
        : base(message, inner) => Errno = errno;

    /// <summary>The error number; never <see cref="Errno.None"/>.</summary>
    public Errno Errno { get; }
}
