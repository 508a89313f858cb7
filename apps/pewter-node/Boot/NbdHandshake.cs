using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Pewter.Apps.Node.Boot;

/// <summary>A connection to an NBD server after its handshake (NBD protocol, "fixed newstyle negotiation" with NBD_OPT_GO).</summary>
/// <param name="Socket">The socket, which the kernel goes on with.</param>
/// <param name="Size">Bytes of the export.</param>
/// <param name="Flags">Its transmission flags.</param>
internal sealed record NbdHandshake(Socket Socket, long Size, ushort Flags)
{
    private const ulong Magic = 0x4e42444d41474943;
    private const ulong OptionMagic = 0x49484156454f5054;
    private const ulong ReplyMagic = 0x3e889045565a9;
    private const uint GoOption = 7;
    private const uint Acknowledge = 1;
    private const uint Information = 3;
    private const int GreetingBytes = 18;

    /// <summary>
    /// Connects, and asks for an export. Blocks: a socket that was waited for asynchronously would go on waking this process for all that comes.
    /// </summary>
    /// <exception cref="IOException">Nobody answers, or the server refuses.</exception>
    internal static NbdHandshake Connect(IPEndPoint server, string export, TimeSpan patience)
    {
        var milliseconds = (int)patience.TotalMilliseconds;
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveTimeout = milliseconds, SendTimeout = milliseconds };
        try
        {
            socket.Connect(server);
            using var stream = new NetworkStream(socket);
            var greeting = new byte[GreetingBytes];
            stream.ReadExactly(greeting);
            if (BinaryPrimitives.ReadUInt64BigEndian(greeting) != Magic || BinaryPrimitives.ReadUInt64BigEndian(greeting.AsSpan(8)) != OptionMagic)
            {
                throw new IOException($"{server} is no NBD server");
            }

            stream.Write(Go(export));
            var made = Hear(stream, socket, export);

            // From here on the kernel waits for as long as nothing is asked for.
            (socket.ReceiveTimeout, socket.SendTimeout) = (0, 0);
            return made;
        }
        catch (Exception failure)
        {
            socket.Dispose();
            if (failure is SocketException)
            {
                throw new IOException($"the NBD server {server} does not answer: {failure.Message}", failure);
            }

            throw;
        }
    }

    private static byte[] Go(string export)
    {
        // Client flags: fixed newstyle, no zeroes. Then the option: its name's length, its name, and no requests for information.
        const uint ClientFlags = 3;
        var name = Encoding.UTF8.GetBytes(export);
        var bytes = new byte[4 + 16 + 4 + name.Length + 2];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, ClientFlags);
        BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(4), OptionMagic);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(12), GoOption);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(16), 4 + name.Length + 2);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(20), name.Length);
        name.CopyTo(bytes.AsSpan(24));
        return bytes;
    }

    private static NbdHandshake Hear(Stream stream, Socket socket, string export)
    {
        const int HeadBytes = 20, ExportBytes = 12, Longest = 4096;
        var (head, size, flags) = (new byte[HeadBytes], 0L, (ushort)0);
        while (true)
        {
            stream.ReadExactly(head);
            var (type, length) = (BinaryPrimitives.ReadUInt32BigEndian(head.AsSpan(12)), BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(16)));
            if (BinaryPrimitives.ReadUInt64BigEndian(head) != ReplyMagic || length is < 0 or > Longest)
            {
                throw new IOException("the NBD server does not keep to its protocol");
            }

            var body = new byte[length];
            stream.ReadExactly(body);
            if (type == Acknowledge)
            {
                return new NbdHandshake(socket, size, flags);
            }

            if (type == Information)
            {
                if (length >= ExportBytes && BinaryPrimitives.ReadUInt16BigEndian(body) == 0)
                {
                    (size, flags) = (BinaryPrimitives.ReadInt64BigEndian(body.AsSpan(2)), BinaryPrimitives.ReadUInt16BigEndian(body.AsSpan(10)));
                }

                continue;
            }

            throw new IOException($"the NBD server refuses {export}: {(length > 0 ? Encoding.UTF8.GetString(body) : $"error {type:x}")}");
        }
    }
}
