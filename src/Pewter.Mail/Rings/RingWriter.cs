using System.Runtime.CompilerServices;

namespace Pewter.Mail;

/// <summary>
/// The writing end of one direction. Its tail and the state of the area are private; of the peer's words only the head
/// matters, and a head that cannot be
/// is <see cref="IsCorrupt"/>. Guarded by its link's gate.
/// </summary>
internal sealed unsafe class RingWriter(RingDirection direction)
{
    private readonly RingArea _area = new(RingLayout.AreaBytes);
    private long _tail;
    private long _head;

    internal bool IsCorrupt { get; private set; }

    internal RingArea Area => _area;

    /// <summary>
    /// Writes a record and makes it visible; false when there is no room, and then the reader will ring.
    /// </summary>
    internal bool TryWrite(in FrameHeader header, ReadOnlySpan<byte> body, int slot, long outside)
    {
        var size = outside >= 0 ? RingLayout.Overhead : RingLayout.RecordSize(body.Length);
        if (_tail + size - _head > RingLayout.RingBytes && !MakeRoom(size))
        {
            return false;
        }

        var at = direction.Ring + (_tail & (RingLayout.RingBytes - 1));
        Unsafe.WriteUnaligned(at, size);
        Unsafe.WriteUnaligned(at + 4, slot);
        Unsafe.WriteUnaligned(at + 8, outside);
        Unsafe.WriteUnaligned(at + RingLayout.Prefix, header);
        if (outside < 0)
        {
            body.CopyTo(new Span<byte>(at + RingLayout.Overhead, body.Length));
        }

        _tail += size;
        Volatile.Write(ref direction.Tail, _tail);
        Interlocked.MemoryBarrier();
        direction.Wake();
        return true;
    }

    internal long Place(ReadOnlySpan<byte> body)
    {
        var at = _area.Take(body.Length);
        if (at >= 0)
        {
            body.CopyTo(Placed(at, body.Length));
        }

        return at;
    }

    internal Span<byte> Placed(long outside, int length) => new(direction.Area + outside, length);

    private bool MakeRoom(int size)
    {
        if (!LookAtHead() || _tail + size - _head <= RingLayout.RingBytes)
        {
            return !IsCorrupt;
        }

        Interlocked.Exchange(ref direction.SpaceWanted, 1);
        return LookAtHead() && _tail + size - _head <= RingLayout.RingBytes;
    }

    private bool LookAtHead()
    {
        var head = Volatile.Read(ref direction.Head);
        if (head < _head || head > _tail)
        {
            IsCorrupt = true;
            return false;
        }

        _head = head;
        return true;
    }
}
