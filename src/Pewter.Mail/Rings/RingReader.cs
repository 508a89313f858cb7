using System.Runtime.CompilerServices;

namespace Pewter.Mail;

/// <summary>
/// The reading end of one direction. What the peer has written is copied before it is looked at, and looked at once:
/// lengths and places are those of the copy.
/// One thread at a time.
/// </summary>
internal sealed unsafe class RingReader(RingDirection direction, int messageMax)
{
    private long _head;
    private long _published;

    internal delegate bool Taker(in FrameHeader header, ReadOnlySpan<byte> body, int slot);

    internal bool IsCorrupt { get; private set; }

    internal bool HasRecords => Volatile.Read(ref direction.Tail) != Volatile.Read(ref _head);

    /// <summary>Gives the taker what there is, at most so many records; returns how many.</summary>
    internal int Read(int most, Taker taker)
    {
        var tail = Volatile.Read(ref direction.Tail);
        if (tail == _head || IsCorrupt)
        {
            return 0;
        }

        if (tail < _head || tail - _head > RingLayout.RingBytes)
        {
            IsCorrupt = true;
            return 0;
        }

        var count = 0;
        while (_head != tail && count < most)
        {
            if (!ReadOne(tail, taker))
            {
                IsCorrupt = true;
                break;
            }

            count++;
        }

        Publish();
        return count;
    }

    private bool ReadOne(long tail, Taker taker)
    {
        var at = direction.Ring + (_head & (RingLayout.RingBytes - 1));
        var left = tail - _head;
        if (left < RingLayout.Overhead)
        {
            return false;
        }

        var size = Volatile.Read(ref Unsafe.AsRef<int>(at));
        var slot = Volatile.Read(ref Unsafe.AsRef<int>(at + 4));
        var outside = Volatile.Read(ref Unsafe.AsRef<long>(at + 8));
        var header = Unsafe.ReadUnaligned<FrameHeader>(at + RingLayout.Prefix);
        var length = header.BodyLength;
        if (size > left || length < 0 || slot < -1 || slot >= RingLayout.Slots || (slot < 0 && IsOfFlow(header)))
        {
            return false;
        }

        ReadOnlySpan<byte> body;
        if (outside < 0)
        {
            if (length > RingLayout.InlineMax || size != RingLayout.RecordSize(length))
            {
                return false;
            }

            body = new ReadOnlySpan<byte>(at + RingLayout.Overhead, length);
        }
        else
        {
            if (length > messageMax || outside > RingLayout.AreaBytes - length || size != RingLayout.Overhead)
            {
                return false;
            }

            body = new ReadOnlySpan<byte>(direction.Area + outside, length);
        }

        if (!taker(header, body, slot))
        {
            return false;
        }

        Volatile.Write(ref _head, _head + size);
        if (_head - _published > RingLayout.RingBytes / 4)
        {
            Publish();
        }

        return true;
    }

    private static bool IsOfFlow(in FrameHeader header) =>
        header.IsReliable && header.Sequence != 0
        && header.Kind is not (FrameKind.Reject or FrameKind.Taken or FrameKind.Missing or FrameKind.Settled);

    private void Publish()
    {
        _published = _head;
        Volatile.Write(ref direction.Head, _head);
        Interlocked.MemoryBarrier();
    }
}
