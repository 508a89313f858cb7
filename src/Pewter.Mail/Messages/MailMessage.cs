namespace Pewter.Mail;

/// <summary>
/// A message as its receiver has it. The body is the mailbox's: it is valid until the mailbox's next receive.
/// </summary>
public readonly struct MailMessage
{
    private readonly FrameHeader _header;

    internal MailMessage(in FrameHeader header, ReadOnlyMemory<byte> body) => (_header, Body) = (header, body);

    /// <summary>What it is.</summary>
    public MessageKind Kind => _header.Kind switch
    {
        FrameKind.Reject => MessageKind.Rejected,
        FrameKind.Connect => MessageKind.Connect,
        FrameKind.Accept => MessageKind.Accepted,
        FrameKind.Finish => MessageKind.Finished,
        FrameKind.Join => MessageKind.Joined,
        FrameKind.Leave => MessageKind.Left,
        _ => MessageKind.Data,
    };

    /// <summary>Who sent it, or for one that came back, whom it was for.</summary>
    public PortAddress From => _header.From;

    /// <summary>The mailbox it was for.</summary>
    public PortAddress To => _header.To;

    /// <summary>Why it came back.</summary>
    public RejectReason Reason => _header.Reason;

    /// <summary>How important.</summary>
    public Importance Importance => _header.Importance;

    /// <summary>
    /// The service and instance it was sent to, or the member it tells of; null when it was sent to the mailbox itself
    /// or a name without numbers.
    /// </summary>
    public ServiceRange? Service => _header.Has(FrameFlags.ToService) ? new ServiceRange(_header.Type, _header.Instance) : null;

    /// <summary>Whether an answer is awaited; see <see cref="Mailbox.Reply(in MailMessage, ReadOnlySpan{byte})"/>.</summary>
    public bool IsRequest => _header.Request != 0 && !_header.Has(FrameFlags.Reply);

    /// <summary>Whether it was sent to many.</summary>
    public bool IsMulticast => _header.Has(FrameFlags.Multicast);

    /// <summary>Whether it is of a group.</summary>
    public bool IsGroup => _header.Has(FrameFlags.Group);

    /// <summary>The body, until the mailbox's next receive.</summary>
    public ReadOnlyMemory<byte> Body { get; }

    /// <summary>The number of the request that it is, or answers; 0: it is neither.</summary>
    public ulong Request => _header.Request;

    internal FrameHeader Header => _header;

    /// <summary>A copy that stays.</summary>
    public MailMessage Copy() => new(_header, Body.ToArray());
}
