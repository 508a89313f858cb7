namespace Pewter.Mail;

/// <summary>
/// A link over a connection: the hub's, or one of its own to another process. What was taken is told by frames, several
/// in one.
/// </summary>
internal sealed class StreamLink(PostOffice office, FrameOutbox outbox, MailTransport transport) : MailLink
{
    // Every so many messages; at once when nothing more waits.
    private const int TellEvery = 32;

    internal override MailTransport Transport => transport;

    internal override bool TryWrite(in FrameHeader header, ReadOnlySpan<byte> body, int slot, long outside) => outbox.TryAppend(header, body);

    internal override void TellTaken(InboundFlow flow, ulong sequence, bool isLast)
    {
        if (!isLast && ++flow.Untold < TellEvery)
        {
            return;
        }

        flow.Untold = 0;
        var own = office.Address with { Port = flow.Port };
        outbox.TryAppend(new FrameHeader { Kind = FrameKind.Taken, From = own, To = flow.Sender, Sequence = sequence }, default);
    }

    // An outbox that is full has a peer that does not read: it is asked again by the peer's next frame.
    internal override void SendControl(in FrameHeader header, ReadOnlySpan<byte> body) => outbox.TryAppend(header, body);
}
