using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace Pewter.Blocks.Benchmarks.Nbd;

/// <summary>
/// One connection of the load generator: keeps <c>depth</c> requests in flight, takes all answers that have come with one receive and sends all
/// requests that follow with one send. The same for every server; simple replies.
/// </summary>
internal sealed class NbdLoadClient : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly byte[] _in = GC.AllocateUninitializedArray<byte>(1 << 20, pinned: true);
    private readonly byte[] _out = GC.AllocateUninitializedArray<byte>(1 << 20, pinned: true);
    private readonly int[] _lengths = new int[256];

    public NbdLoadClient(string socket, string export)
    {
        _socket.Connect(new UnixDomainSocketEndPoint(socket));
        Span<byte> greeting = stackalloc byte[18];
        ReceiveAll(greeting);
        byte[] name = Encoding.UTF8.GetBytes(export);
        var request = new byte[4 + 16 + name.Length];
        BinaryPrimitives.WriteUInt32BigEndian(request, 3);
        BinaryPrimitives.WriteUInt64BigEndian(request.AsSpan(4), 0x49484156454F5054);
        BinaryPrimitives.WriteUInt32BigEndian(request.AsSpan(12), 1);
        BinaryPrimitives.WriteInt32BigEndian(request.AsSpan(16), name.Length);
        name.CopyTo(request, 20);
        _socket.Send(request);
        Span<byte> reply = stackalloc byte[10];
        ReceiveAll(reply);
        Length = BinaryPrimitives.ReadInt64BigEndian(reply);
    }

    public long Length { get; }

    /// <summary>Runs requests until <paramref name="next"/> has no more; returns how many bytes they were about.</summary>
    public (long Requests, long Bytes) Run(int depth, RequestSource next)
    {
        long requests = 0, bytes = 0;
        var free = new Stack<int>(Enumerable.Range(0, depth));
        int inFlight = 0, have = 0;
        bool more = true;
        while (true)
        {
            int queued = 0;
            while (more && free.TryPeek(out int slot) && (more = next(out LoadRequest request)))
            {
                free.Pop();
                queued += Write(_out.AsSpan(queued), request, slot);
                _lengths[slot] = request.IsWrite ? 0 : request.Length;
                inFlight++;
                requests++;
                bytes += request.Length;
            }

            for (int sent = 0; sent < queued;)
                sent += _socket.Send(_out.AsSpan(sent, queued - sent));
            if (inFlight == 0)
                return (requests, bytes);
            int count = _socket.Receive(_in.AsSpan(have));
            if (count == 0)
                throw new IOException("The server went away.");
            have += count;
            int done = Take(have, free);
            inFlight = depth - free.Count;
            _in.AsSpan(done, have - done).CopyTo(_in);
            have -= done;
        }
    }

    public void Dispose() => _socket.Dispose();

    private int Take(int have, Stack<int> free)
    {
        int at = 0;
        while (have - at >= 16)
        {
            ReadOnlySpan<byte> head = _in.AsSpan(at);
            if (BinaryPrimitives.ReadUInt32BigEndian(head) != 0x67446698 || BinaryPrimitives.ReadUInt32BigEndian(head[4..]) != 0)
                throw new IOException($"The server answered with error {BinaryPrimitives.ReadUInt32BigEndian(head[4..])}.");
            var slot = (int)BinaryPrimitives.ReadUInt64BigEndian(head[8..]);
            if (have - at < 16 + _lengths[slot])
                break;
            at += 16 + _lengths[slot];
            free.Push(slot);
        }

        return at;
    }

    private static int Write(Span<byte> target, in LoadRequest request, int slot)
    {
        BinaryPrimitives.WriteUInt32BigEndian(target, 0x25609513);
        BinaryPrimitives.WriteUInt32BigEndian(target[4..], request.IsWrite ? 1u : 0);
        BinaryPrimitives.WriteUInt64BigEndian(target[8..], (ulong)slot);
        BinaryPrimitives.WriteInt64BigEndian(target[16..], request.Offset);
        BinaryPrimitives.WriteInt32BigEndian(target[24..], request.Length);
        if (!request.IsWrite)
            return 28;
        BinaryPrimitives.WriteInt64LittleEndian(target[28..], request.Offset + 1);
        return 28 + request.Length;
    }

    private void ReceiveAll(Span<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            int count = _socket.Receive(buffer);
            if (count == 0)
                throw new IOException("The server went away.");
            buffer = buffer[count..];
        }
    }
}

/// <summary>Gives the next request; false at the end.</summary>
internal delegate bool RequestSource(out LoadRequest request);

/// <summary>A read or a write.</summary>
internal readonly record struct LoadRequest(long Offset, int Length, bool IsWrite);
