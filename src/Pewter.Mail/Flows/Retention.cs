using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Pewter.Mail;

/// <summary>
/// Messages that were sent and are not known to be taken: a ring of records that grows as it must, up to a flow's
/// window. Positions only grow; a record lies in one piece.
/// Not safe to share: its flow's gate guards it.
/// </summary>
internal sealed class Retention
{
    private const int Prefix = 16;
    private const int Skip = -1;
    private const int FirstBytes = 4 << 10;

    private byte[] _data = [];
    private long _head;
    private long _tail;

    internal long Head => _head;

    internal long Tail => _tail;

    internal bool IsEmpty => _head == _tail;

    /// <summary>Appends a message. With a place outside, the body stands there and is not copied.</summary>
    internal void Append(in FrameHeader header, ReadOnlySpan<byte> body, long outside)
    {
        var kept = outside >= 0 ? 0 : body.Length;
        var size = Prefix + FrameHeader.Size + ((kept + 7) & ~7);
        Reserve(size);
        ref var at = ref At(_tail);
        Unsafe.WriteUnaligned(ref at, size);
        Unsafe.WriteUnaligned(ref Unsafe.Add(ref at, 8), outside);
        Unsafe.WriteUnaligned(ref Unsafe.Add(ref at, Prefix), header);
        if (kept > 0)
        {
            body.CopyTo(MemoryMarshal.CreateSpan(ref Unsafe.Add(ref at, Prefix + FrameHeader.Size), kept));
        }

        _tail += size;
    }

    /// <summary>Looks at the message at a position between the head and the tail; moves the position on.</summary>
    internal FrameHeader Read(ref long position, out ReadOnlySpan<byte> body, out long outside)
    {
        if (Unsafe.ReadUnaligned<int>(ref At(position)) == Skip)
        {
            position += Unsafe.ReadUnaligned<int>(ref Unsafe.Add(ref At(position), 4));
        }

        ref var at = ref At(position);
        position += Unsafe.ReadUnaligned<int>(ref at);
        outside = Unsafe.ReadUnaligned<long>(ref Unsafe.Add(ref at, 8));
        var header = Unsafe.ReadUnaligned<FrameHeader>(ref Unsafe.Add(ref at, Prefix));
        body = outside >= 0 ? default : MemoryMarshal.CreateReadOnlySpan(ref Unsafe.Add(ref at, Prefix + FrameHeader.Size), header.BodyLength);
        return header;
    }

    /// <summary>Says that the body of the message at a position stands outside now.</summary>
    internal void PutOutside(long position, long outside)
    {
        if (Unsafe.ReadUnaligned<int>(ref At(position)) == Skip)
        {
            position += Unsafe.ReadUnaligned<int>(ref Unsafe.Add(ref At(position), 4));
        }

        Unsafe.WriteUnaligned(ref Unsafe.Add(ref At(position), 8), outside);
    }

    /// <summary>Forgets everything before a position.</summary>
    internal void Forget(long position) => _head = position;

    private ref byte At(long position) => ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_data), (int)(position & (_data.Length - 1)));

    private void Reserve(int size)
    {
        while (true)
        {
            var toEnd = _data.Length - (int)(_tail & (_data.Length - 1));
            var needed = size <= toEnd ? size : toEnd + size;
            if (_data.Length > 0 && _tail - _head + needed <= _data.Length)
            {
                if (size > toEnd)
                {
                    Unsafe.WriteUnaligned(ref At(_tail), Skip);
                    Unsafe.WriteUnaligned(ref Unsafe.Add(ref At(_tail), 4), toEnd);
                    _tail += toEnd;
                }

                return;
            }

            Grow(size);
        }
    }

    // Positions stay as they are: each byte moves to where the same position is in the larger ring.
    private void Grow(int size)
    {
        var larger = new byte[Math.Max(FirstBytes, (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)(_data.Length + size + 1)))];
        for (var position = _head; position < _tail;)
        {
            var from = (int)(position & (_data.Length - 1));
            var to = (int)(position & (larger.Length - 1));
            var count = (int)Math.Min(_tail - position, Math.Min(_data.Length - from, larger.Length - to));
            Buffer.BlockCopy(_data, from, larger, to, count);
            position += count;
        }

        _data = larger;
    }
}
