namespace Pewter.Blocks.Iscsi.Sessions;

/// <summary>
/// The command numbering of a session (RFC 7143 4.2.2.1): which command is next, and how far ahead the initiator may
/// go. Pure; its owner locks. All arithmetic is modulo 2^32.
/// </summary>
internal sealed class CommandWindow
{
    private readonly int _depth;
    private int _parked;

    public CommandWindow(uint first, int depth)
    {
        _depth = depth;
        Expected = first;
        Max = first + (uint)depth - 1;
    }

    /// <summary>ExpCmdSN.</summary>
    public uint Expected { get; private set; }

    /// <summary>MaxCmdSN; it never goes back.</summary>
    public uint Max { get; private set; }

    /// <summary>Says what to do with a command that is not for immediate delivery.</summary>
    public Arrival Offer(uint cmdSn)
    {
        if (cmdSn == Expected)
        {
            // A full window has Expected just above Max.
            if (Expected == Max + 1)
                return Arrival.Outside;
            Expected++;
            Widen();
            return Arrival.Next;
        }
        return (int)(cmdSn - Expected) > 0 && (int)(Max - cmdSn) >= 0 ? Arrival.Early : Arrival.Outside;
    }

    /// <summary>A command stays under way and takes a place.</summary>
    public void Park() => _parked++;

    /// <summary>It has ended.</summary>
    public void Unpark()
    {
        _parked--;
        Widen();
    }

    private void Widen()
    {
        uint max = Expected + (uint)Math.Max(0, _depth - _parked) - 1;
        if ((int)(max - Max) > 0)
            Max = max;
    }
}
