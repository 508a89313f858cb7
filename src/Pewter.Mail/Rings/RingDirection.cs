using Pewter.Linux.Memory;

namespace Pewter.Mail;

/// <summary>
/// One direction of a segment as it is mapped here: the words of its protocol, and the ways to ring and to sleep.
/// </summary>
/// <remarks>
/// <para>The protocol, which <c>RingModelTests</c> runs through all interleavings. Positions only grow and are reduced
/// to places by a mask.</para>
/// <para><b>Writing.</b> The writer puts a record behind the tail, then stores the tail (release), then a full fence,
/// then looks at the bells. A reader that sleeps has
/// set its bell (full fence) and then has looked at the tail once more. So either the writer sees the bell, or the
/// reader sees the record: with the fences both
/// cannot miss. Who rings exchanges the bell for 0 first, so that a bell rings once; a bell that is 0 lets nobody
/// sleep, as the kernel compares it.</para>
/// <para><b>Room.</b> A writer without room sets <c>SpaceWanted</c> (full fence) and looks at the head once more; the
/// reader stores the head, a full fence, and looks at
/// the word. What was taken of a flow and <c>WindowWanted</c> are the same again.</para>
/// <para><b>Two bells.</b> A thread that waits for its message and the office's own thread have a bell each; only the
/// one that rings is cleared, the other stays armed
/// for the next record.</para>
/// <para>Everything here can be written by a hostile peer at any time. Words that say where to sleep or to wake can
/// only cause wake-ups that are not needed, or keep back those
/// of this link; tail, head and records are copied and checked by <see cref="RingReader"/> and <see
/// cref="RingWriter"/>.</para>
/// </remarks>
internal sealed unsafe class RingDirection(MemoryMap map, int direction)
{
    private readonly MemoryMap _map = map;
    private readonly byte* _words = map.Start + (direction * (long)(RingLayout.DirectionBytes + RingLayout.RingBytes));

    internal byte* Ring => _words + RingLayout.Page + RingLayout.BoardBytes;

    internal byte* Area => Ring + (2L * RingLayout.RingBytes);

    internal ref long Tail => ref *(long*)(_words + RingLayout.TailWord);

    internal ref long Head => ref *(long*)(_words + RingLayout.HeadWord);

    internal ref int SpaceWanted => ref *(int*)(_words + RingLayout.SpaceWantedWord);

    internal ref int WindowWanted => ref *(int*)(_words + RingLayout.WindowWantedWord);

    internal ref ulong Board(int slot) => ref *(ulong*)(_words + RingLayout.Page + (slot * sizeof(ulong)));

    /// <summary>Says that somebody is about to sleep; a full fence.</summary>
    internal FutexWord Arm(RingBell bell)
    {
        Interlocked.Exchange(ref *Bell(bell), 1);
        return new FutexWord((nint)Bell(bell), 1);
    }

    internal void Disarm(RingBell bell) => Volatile.Write(ref *Bell(bell), 0);

    /// <summary>
    /// Wakes who sleeps for this direction. The caller has put a full fence behind what it has written.
    /// </summary>
    internal void Wake()
    {
        if (!TryRing(RingBell.Thread))
        {
            TryRing(RingBell.Pump);
        }
    }

    private bool TryRing(RingBell bell)
    {
        var word = Bell(bell);
        if (Volatile.Read(ref *word) == 0 || Interlocked.Exchange(ref *word, 0) == 0)
        {
            return false;
        }

        _ = Futex.Wake(word);
        GC.KeepAlive(_map);
        return true;
    }

    private int* Bell(RingBell bell) => (int*)(_words + (bell == RingBell.Thread ? RingLayout.ThreadBellWord : RingLayout.PumpBellWord));
}
