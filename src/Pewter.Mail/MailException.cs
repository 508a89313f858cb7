using Pewter.Linux;

namespace Pewter.Mail;

/// <summary>
/// Mail that could not be done: an errno and a sentence that says what to do. A rejection tells its <see
/// cref="Reason"/> as well.
/// </summary>
public sealed class MailException : Exception
{
    /// <summary>Creates the failure.</summary>
    /// <param name="errno">The positive errno, as the kernel's TIPC would give it.</param>
    /// <param name="message">The sentence.</param>
    public MailException(int errno, string message)
        : base(message) => Errno = errno;

    private MailException(RejectReason reason, int errno, string message)
        : this(errno, message) => Reason = reason;

    /// <summary>The positive errno.</summary>
    public int Errno { get; }

    /// <summary>Why a message came back; none when the failure is another.</summary>
    public RejectReason Reason { get; }

    /// <summary>The failure that a rejection is.</summary>
    /// <param name="reason">Why.</param>
    /// <param name="target">Whom the message was for.</param>
    public static MailException Rejected(RejectReason reason, string target) => reason switch
    {
        RejectReason.NoName => new(reason, LinuxErrno.EHOSTUNREACH,
            $"Nobody is bound to {target}: see 'pewter name ls', or wait for it with ServiceExists."),
        RejectReason.NoPort => new(reason, LinuxErrno.ECONNREFUSED,
            $"The mailbox {target} is closed."),
        RejectReason.NodeLost => new(reason, LinuxErrno.EHOSTDOWN,
            $"The process or machine of {target} is lost; what it had not taken is here again."),
        RejectReason.Overload => new(reason, LinuxErrno.ENOBUFS,
            $"{target} lives and does not keep up: send less, or wait for room (SendAsync)."),
        _ => new(reason, LinuxErrno.ECONNRESET, $"The connection to {target} is over."),
    };

    internal static MailException Closed() => new(LinuxErrno.EBADF, "This mailbox is closed: open another.");

    internal static MailException TooLarge(long length, int most) =>
        new(LinuxErrno.EMSGSIZE, $"A message of {length} bytes is too large: {most} are the limit (MessageBytesMax); send a stream, or pieces.");
}
