namespace Pewter.Mail;

/// <summary>
/// A way to one or many other processes: frames in order, none twice, until it breaks. What was under way when it broke
/// is its senders' to send again or to give up,
/// which is why flows number and keep what they send.
/// </summary>
/// <remarks>
/// Writes come from any thread, one at a time under <see cref="Gate"/>. Frames that arrive are given to the office on
/// whichever thread found them.
/// </remarks>
internal abstract class MailLink
{
    /// <summary>Guards everything that writes.</summary>
    internal SpinGate Gate;

    /// <summary>How far it goes.</summary>
    internal abstract MailTransport Transport { get; }

    /// <summary>Bodies up to this go within frames; longer ones by <see cref="Place"/>.</summary>
    internal virtual int InlineMax => int.MaxValue;

    /// <summary>Writes a frame; false when there is no room now. Under the gate.</summary>
    /// <param name="header">The header.</param>
    /// <param name="body">The body, unless it stands outside.</param>
    /// <param name="slot">The flow's slot on this link.</param>
    /// <param name="outside">Where the body stands, from <see cref="Place"/>; −1 when it is within.</param>
    internal abstract bool TryWrite(in FrameHeader header, ReadOnlySpan<byte> body, int slot, long outside);

    /// <summary>Takes a place for a flow of this side; −1 when there is none left. Under the gate.</summary>
    internal virtual int TakeSlot() => 0;

    /// <summary>Gives a slot back. Under the gate.</summary>
    internal virtual void FreeSlot(int slot)
    {
    }

    /// <summary>
    /// Copies a long body to where the peer can read it; −1 when there is no room now. Under the gate.
    /// </summary>
    internal virtual long Place(ReadOnlySpan<byte> body) => -1;

    /// <summary>Gives the room of a long body back. Under the gate.</summary>
    internal virtual void Free(long outside)
    {
    }

    /// <summary>A long body of this side.</summary>
    internal virtual ReadOnlySpan<byte> Placed(long outside, int length) => default;

    /// <summary>The flow that came by a slot last; null when it is not known.</summary>
    internal virtual InboundFlow? FlowOf(int slot) => null;

    /// <summary>Remembers which flow comes by a slot.</summary>
    internal virtual void Remember(int slot, InboundFlow flow)
    {
    }

    /// <summary>What the peer says it has taken of a flow; 0 when it says so by frames.</summary>
    internal virtual ulong TakenOf(int slot) => 0;

    /// <summary>Asks for a wake-up when the peer has taken something; a full fence.</summary>
    internal virtual void WantWindow() => Interlocked.MemoryBarrier();

    /// <summary>Tells the peer that all of a flow up to a number is taken.</summary>
    /// <param name="flow">The flow.</param>
    /// <param name="sequence">The number.</param>
    /// <param name="isLast">Nothing more waits: what was held back is told now.</param>
    internal abstract void TellTaken(InboundFlow flow, ulong sequence, bool isLast);

    /// <summary>Writes a frame that belongs to no flow, later if there is no room now.</summary>
    internal abstract void SendControl(in FrameHeader header, ReadOnlySpan<byte> body);
}
