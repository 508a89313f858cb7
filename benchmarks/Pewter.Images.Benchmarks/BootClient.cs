using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace Pewter.Images.Benchmarks;

/// <summary>Reads from a disk over NBD, one read after another as a booting machine does. Takes what it needs of the protocol and no more.</summary>
internal sealed class BootClient : IDisposable
{
    private const int GreetingBytes = 18;
    private const int ExportBytes = 10;
    private const int RequestBytes = 28;
    private const int ReplyBytes = 16;
    private const uint RequestMagic = 0x25609513;

    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    /// <summary>Opens the disk of an address such as <c>nbd+unix:///d1?socket=/run/nbd.sock</c>.</summary>
    public BootClient(string address)
    {
        var uri = new Uri(address);
        _socket.Connect(new UnixDomainSocketEndPoint(uri.Query["?socket=".Length..]));
        Receive(new byte[GreetingBytes]);
        var name = Encoding.ASCII.GetBytes(uri.AbsolutePath[1..]);
        _socket.Send([0, 0, 0, 3, .. "IHAVEOPT"u8, 0, 0, 0, 1, 0, 0, 0, (byte)name.Length, .. name]);
        Receive(new byte[ExportBytes]);
    }

    /// <summary>Reads into all of a buffer.</summary>
    public void Read(long offset, byte[] buffer)
    {
        var request = new byte[RequestBytes];
        BinaryPrimitives.WriteUInt32BigEndian(request, RequestMagic);
        BinaryPrimitives.WriteInt64BigEndian(request.AsSpan(16), offset);
        BinaryPrimitives.WriteInt32BigEndian(request.AsSpan(24), buffer.Length);
        _socket.Send(request);
        var reply = new byte[ReplyBytes];
        Receive(reply);
        if (BinaryPrimitives.ReadUInt32BigEndian(reply.AsSpan(4)) is not 0 and var error)
        {
            throw new IOException($"The disk server refused a read at {offset} with error {error}.");
        }

        Receive(buffer);
    }

    public void Dispose() => _socket.Dispose();

    private void Receive(byte[] bytes)
    {
        for (var have = 0; have < bytes.Length;)
        {
            var count = _socket.Receive(bytes.AsSpan(have));
            have += count > 0 ? count : throw new IOException("The disk server hung up.");
        }
    }
}
