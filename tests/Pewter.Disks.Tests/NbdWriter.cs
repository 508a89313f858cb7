using System.Buffers.Binary;
using System.Net.Sockets;

namespace Pewter.Disks.Tests;

/// <summary>A client that keeps several writes in flight and remembers which were acknowledged.</summary>
internal sealed class NbdWriter : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    public NbdWriter(string socket, string export)
    {
        _socket.Connect(new UnixDomainSocketEndPoint(socket));
        Receive(18);
        _socket.Send([0, 0, 0, 3, .. "IHAVEOPT"u8, 0, 0, 0, 1, 0, 0, 0, (byte)export.Length, .. System.Text.Encoding.ASCII.GetBytes(export)]);
        Receive(10);
    }

    /// <summary>Writes blocks of 4 KiB, each full of its version, until the server is gone; notes what was acknowledged.</summary>
    public void WriteUntilGone(int[] versions, int[] attempted, Random random)
    {
        try
        {
            for (int version = 1; ; version++)
            {
                int[] blocks = [.. Enumerable.Range(0, 8).Select(_ => random.Next(versions.Length)).Distinct()];
                foreach (int block in blocks)
                {
                    attempted[block] = version;
                    Send(1, block, version);
                }

                for (int i = 0; i < blocks.Length; i++)
                {
                    byte[] reply = Receive(16);
                    versions[(int)BinaryPrimitives.ReadInt64BigEndian(reply.AsSpan(8))] = version;
                }
            }
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            // Killed, as the test wants.
        }
    }

    /// <summary>Reads the version of a block; -1 when it is not one version throughout.</summary>
    public int ReadVersion(int block)
    {
        Send(0, block, 0);
        Receive(16);
        byte[] data = Receive(4096);
        int version = BinaryPrimitives.ReadInt32LittleEndian(data);
        for (int at = 0; at < data.Length; at += 4)
        {
            if (BinaryPrimitives.ReadInt32LittleEndian(data.AsSpan(at)) != version)
                return -1;
        }

        return version;
    }

    public void Dispose() => _socket.Dispose();

    private void Send(byte command, int block, int version)
    {
        var message = new byte[command == 1 ? 28 + 4096 : 28];
        BinaryPrimitives.WriteUInt32BigEndian(message, 0x25609513);
        message[7] = command;
        BinaryPrimitives.WriteInt64BigEndian(message.AsSpan(8), block);
        BinaryPrimitives.WriteInt64BigEndian(message.AsSpan(16), block * 4096L);
        BinaryPrimitives.WriteInt32BigEndian(message.AsSpan(24), 4096);
        for (int at = 28; at < message.Length; at += 4)
            BinaryPrimitives.WriteInt32LittleEndian(message.AsSpan(at), version);
        for (int sent = 0; sent < message.Length;)
            sent += _socket.Send(message.AsSpan(sent));
    }

    private byte[] Receive(int count)
    {
        var bytes = new byte[count];
        for (int have = 0; have < count;)
        {
            int more = _socket.Receive(bytes.AsSpan(have));
            if (more == 0)
                throw new IOException("closed");
            have += more;
        }

        return bytes;
    }
}
