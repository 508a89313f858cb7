using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Pewter.Mail;

/// <summary>
/// A piece of a mailbox's queue: records of a 16-byte prefix, a header and a body, one after the other. First its queue
/// writes it, under the queue's gate; then
/// the receiver alone reads it.
/// </summary>
internal sealed class QueueSegment
{
    /// <summary>Bodies up to this stand in the segment, longer ones in arrays of their own.</summary>
    internal const int InlineMax = 8 << 10;

    internal const int Overhead = 16 + FrameHeader.Size;

    internal const int SmallBytes = 1 << 10;

    internal const int LargeBytes = 64 << 10;

    private readonly byte[] _data;
    private Queue<byte[]>? _bodies;
    private int _write;
    private int _read;

    internal QueueSegment(int bytes) => _data = GC.AllocateUninitializedArray<byte>(bytes);

    internal QueueSegment? Next { get; set; }

    internal bool IsSmall => _data.Length == SmallBytes;

    internal bool IsRead => _read == _write;

    /// <summary>What its taker owes for it: the weight of all records that the taker has had.</summary>
    internal long TakenBytes { get; set; }

    internal static int Weight(int bodyLength) => Overhead + ((bodyLength + 7) & ~7);

    internal bool HasRoom(int bodyLength) => _write + (bodyLength > InlineMax ? Overhead : Weight(bodyLength)) <= _data.Length;

    /// <summary>Appends a record; there is room.</summary>
    internal void Append(in FrameHeader header, ReadOnlySpan<byte> body, int flow)
    {
        ref var at = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_data), _write);
        Unsafe.WriteUnaligned(ref at, flow);
        Unsafe.WriteUnaligned(ref Unsafe.Add(ref at, 16), header);
        if (body.Length > InlineMax)
        {
            var array = ArrayPool<byte>.Shared.Rent(body.Length);
            body.CopyTo(array);
            (_bodies ??= new()).Enqueue(array);
            _write += Overhead;
        }
        else
        {
            body.CopyTo(_data.AsSpan(_write + Overhead));
            _write += Weight(body.Length);
        }
    }

    /// <summary>
    /// Takes the next record; there is one. A body in an array of its own is the taker's, who gives the array back to
    /// the pool.
    /// </summary>
    internal void Take(out FrameHeader header, out ReadOnlyMemory<byte> body, out int flow, out byte[]? array)
    {
        ref var at = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_data), _read);
        flow = Unsafe.ReadUnaligned<int>(ref at);
        header = Unsafe.ReadUnaligned<FrameHeader>(ref Unsafe.Add(ref at, 16));
        var length = header.BodyLength;
        if (length > InlineMax)
        {
            array = _bodies!.Dequeue();
            body = array.AsMemory(0, length);
            _read += Overhead;
        }
        else
        {
            array = null;
            body = new ReadOnlyMemory<byte>(_data, _read + Overhead, length);
            _read += Weight(length);
        }
    }

    internal void Reset() => (_write, _read, TakenBytes, Next) = (0, 0, 0, null);
}
