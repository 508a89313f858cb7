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
    private const int HeadBytes = 16;
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly byte[] _left = new byte[HeadBytes];
    private readonly byte[] _out = GC.AllocateUninitializedArray<byte>(1 << 20, pinned: true);
    private readonly int[] _lengths = new int[256];
    private readonly Stack<int> _free = new(256);
    private int _have;
    private int _dataLeft;
    private int _answered = -1;
    private int _depth;
    private RequestSource? _next;

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

    /// <summary>The socket's descriptor, to wait for together with others.</summary>
    public int Descriptor => (int)_socket.Handle;

    public long Requests { get; private set; }

    public long Bytes { get; private set; }

    /// <summary>Sends the first <paramref name="depth"/> requests.</summary>
    public void Begin(int depth, RequestSource next)
    {
        _next = next;
        _free.Clear();
        _depth = depth;
        for (int slot = 0; slot < depth; slot++)
            _free.Push(slot);
        Send();
    }

    /// <summary>
    /// Takes the answers that have come, or waits for some, and sends as many requests; false after the last answer. They are received into
    /// <paramref name="shared"/>, a buffer of the thread, which so stays in the processor's cache however many connections there are.
    /// </summary>
    public bool Step(byte[] shared)
    {
        if (_free.Count == _depth)
            return false;
        _left.AsSpan(0, _have).CopyTo(shared);
        int count = _socket.Receive(shared.AsSpan(_have));
        if (count == 0)
            throw new IOException("The server went away.");
        Take(shared.AsSpan(0, _have + count));
        Send();
        return _free.Count < _depth;
    }

    public void Dispose() => _socket.Dispose();

    private void Send()
    {
        int queued = 0;
        while (_next is not null && _free.TryPeek(out int slot))
        {
            if (!_next(out LoadRequest request))
            {
                _next = null;
                break;
            }

            _free.Pop();
            queued += Write(_out.AsSpan(queued), request, slot);
            _lengths[slot] = request.IsWrite ? 0 : request.Length;
            Requests++;
            Bytes += request.Length;
        }

        for (int sent = 0; sent < queued;)
            sent += _socket.Send(_out.AsSpan(sent, queued - sent));
    }

    /// <summary>Takes the answers that have come; data is passed over where it lies, so that the server is what is measured.</summary>
    private void Take(ReadOnlySpan<byte> came)
    {
        int at = 0;
        while (true)
        {
            int passed = Math.Min(_dataLeft, came.Length - at);
            at += passed;
            _dataLeft -= passed;
            if (_dataLeft > 0)
                break;
            if (_answered >= 0)
                _free.Push(_answered);
            _answered = -1;
            if (came.Length - at < HeadBytes)
                break;
            ReadOnlySpan<byte> head = came[at..];
            if (BinaryPrimitives.ReadUInt32BigEndian(head) != 0x67446698 || BinaryPrimitives.ReadUInt32BigEndian(head[4..]) != 0)
                throw new IOException($"The server answered with error {BinaryPrimitives.ReadUInt32BigEndian(head[4..])}.");
            _answered = (int)BinaryPrimitives.ReadUInt64BigEndian(head[8..]);
            _dataLeft = _lengths[_answered];
            at += HeadBytes;
        }

        _have = came.Length - at;
        came[at..].CopyTo(_left);
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
