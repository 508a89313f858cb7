namespace Pewter.Mail;

/// <summary>
/// What the threads share that add to a queue, all of it under the gate. It stands apart from what the taker writes:
/// see <see cref="QueueGap"/>.
/// </summary>
internal abstract class QueueAdders
{
    private protected SpinGate Gate;
    private protected bool Armed;
    private protected bool Closed;
    private protected QueueSegment? Head;
    private protected QueueSegment? Tail;
    private protected long Added;
    private protected long Count;

    /// <summary>
    /// What the taker had given back when an adder last looked: it looks only when there seems to be no room.
    /// </summary>
    private protected long CreditedSeen;
}
