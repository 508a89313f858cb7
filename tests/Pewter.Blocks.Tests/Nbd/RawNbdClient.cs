using System.Buffers.Binary;
using System.Net.Sockets;

namespace Pewter.Blocks.Tests.Nbd;

/// <summary>A client that sends what it is told to; simple replies.</summary>
internal sealed class RawNbdClient : IDisposable, IAsyncDisposable
{
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { ReceiveTimeout = 20_000 };

    public RawNbdClient(string path) => _socket.Connect(new UnixDomainSocketEndPoint(path));

    public void Negotiate(string name)
    {
        Receive(18);
        Send([0, 0, 0, 3, .. "IHAVEOPT"u8, 0, 0, 0, 1, 0, 0, 0, (byte)name.Length, .. System.Text.Encoding.ASCII.GetBytes(name)]);
        Receive(10);
    }

    public byte[] Read(long offset, int length)
    {
        Assert.Equal(0u, TryRead(offset, length, out byte[] data));
        return data;
    }

    /// <summary>Reads; returns the server's error, 0 for none.</summary>
    public uint TryRead(long offset, int length, out byte[] data)
    {
        Send(Head(0, offset, length));
        uint error = BinaryPrimitives.ReadUInt32BigEndian(Receive(16).AsSpan(4));
        data = error == 0 ? Receive(length) : [];
        return error;
    }

    public void Write(long offset, byte[] data)
    {
        Send([.. Head(1, offset, data.Length), .. data]);
        Assert.Equal(0u, BinaryPrimitives.ReadUInt32BigEndian(Receive(16).AsSpan(4)));
    }

    public static byte[] Head(ushort command, long offset, int length)
    {
        var head = new byte[28];
        BinaryPrimitives.WriteUInt32BigEndian(head, 0x25609513);
        BinaryPrimitives.WriteUInt16BigEndian(head.AsSpan(6), command);
        BinaryPrimitives.WriteInt64BigEndian(head.AsSpan(16), offset);
        BinaryPrimitives.WriteInt32BigEndian(head.AsSpan(24), length);
        return head;
    }

    public void Send(byte[] bytes) => _socket.Send(bytes);

    public void TryReceive(int count)
    {
        if (_socket.Poll(2000, SelectMode.SelectRead))
            _socket.Receive(new byte[count + 1]);
    }

    public byte[] Receive(int count)
    {
        var bytes = new byte[count];
        Receive(bytes.AsSpan());
        return bytes;
    }

    public void Receive(Span<byte> bytes)
    {
        for (int have = 0; have < bytes.Length;)
        {
            int more = _socket.Receive(bytes[have..]);
            if (more == 0)
                throw new IOException("closed");
            have += more;
        }
    }

    public void Dispose() => _socket.Dispose();

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }
}
