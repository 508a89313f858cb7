using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Pewter.Blocks.Tests.Iscsi;

/// <summary>An initiator that says exactly what a test wants, right or wrong.</summary>
internal sealed class RawInitiator : IDisposable
{
    public const int Header = 48;
    private const string Defaults = "HeaderDigest=None\0DataDigest=None\0InitialR2T=No\0ImmediateData=Yes\0MaxRecvDataSegmentLength=65536\0"
        + "MaxBurstLength=65536\0FirstBurstLength=65536\0MaxOutstandingR2T=1\0MaxConnections=4\0ErrorRecoveryLevel=0\0";

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveTimeout = 10_000 };

    public RawInitiator(IPEndPoint portal) => _socket.Connect(portal);

    public uint CmdSn { get; set; } = 1;

    public ushort Tsih { get; private set; }

    /// <summary>Builds a PDU; fields beyond the first are set by <paramref name="fill"/>.</summary>
    public static byte[] Pdu(byte opcode, byte flags, string text, Action<byte[]>? fill = null) =>
        Pdu(opcode, flags, Encoding.ASCII.GetBytes(text), fill);

    public static byte[] Pdu(byte opcode, byte flags, byte[] data, Action<byte[]>? fill = null)
    {
        byte[] pdu = new byte[Header + ((data.Length + 3) & ~3)];
        pdu[0] = opcode;
        pdu[1] = flags;
        pdu[5] = (byte)(data.Length >> 16);
        pdu[6] = (byte)(data.Length >> 8);
        pdu[7] = (byte)data.Length;
        data.CopyTo(pdu, Header);
        fill?.Invoke(pdu);
        return pdu;
    }

    public static void U32(byte[] pdu, int at, uint value) => BinaryPrimitives.WriteUInt32BigEndian(pdu.AsSpan(at), value);

    public void Send(byte[] bytes) => _socket.Send(bytes);

    /// <summary>Receives exactly so many bytes without allocating.</summary>
    public void Fill(byte[] bytes)
    {
        for (int at = 0; at < bytes.Length;)
        {
            int received = _socket.Receive(bytes.AsSpan(at));
            at += received > 0 ? received : throw new EndOfStreamException();
        }
    }

    /// <summary>The next PDU, or null when the target has closed.</summary>
    public byte[]? Receive()
    {
        byte[]? header = ReceiveExactly(Header);
        if (header is null)
            return null;
        int length = (((header[5] << 16) | (header[6] << 8) | header[7]) + 3) & ~3;
        byte[]? data = length == 0 ? [] : ReceiveExactly(length);
        return data is null ? null : [.. header, .. data];
    }

    /// <summary>Logs in without security; gives the response.</summary>
    public byte[] Login(string keys = Defaults, ulong isid = 0x80_0000_000001, ushort tsih = 0, ushort cid = 0, string target = TargetFixture.TargetName)
    {
        string text = $"InitiatorName={TargetFixture.Initiator}\0TargetName={target}\0SessionType=Normal\0{keys}";
        Send(Pdu(0x43, 0x87, text, pdu =>
        {
            BinaryPrimitives.WriteUInt64BigEndian(pdu.AsSpan(8), isid << 16 | tsih);
            BinaryPrimitives.WriteUInt16BigEndian(pdu.AsSpan(20), cid);
            U32(pdu, 24, CmdSn);
        }));
        byte[] response = Receive() ?? throw new EndOfStreamException();
        Tsih = BinaryPrimitives.ReadUInt16BigEndian(response.AsSpan(14));
        return response;
    }

    /// <summary>A SCSI Command PDU with the next command number.</summary>
    public byte[] Command(byte[] cdb, byte flags, uint length, byte[]? immediate = null, uint tag = 0)
    {
        uint number = CmdSn++;
        return Pdu(0x01, flags, immediate ?? [], pdu =>
        {
            U32(pdu, 16, tag == 0 ? number : tag);
            U32(pdu, 20, length);
            U32(pdu, 24, number);
            cdb.CopyTo(pdu, 32);
        });
    }

    /// <summary>Sends TEST UNIT READY until no unit attention is left.</summary>
    public void ClearAttentions()
    {
        for (int i = 0; i < 8; i++)
        {
            Send(Command([0, 0, 0, 0, 0, 0], 0x80, 0));
            if ((Receive() ?? throw new EndOfStreamException())[3] == 0)
                return;
        }
        throw new InvalidOperationException("unit attentions without end");
    }

    public void Dispose() => _socket.Dispose();

    private byte[]? ReceiveExactly(int length)
    {
        byte[] bytes = new byte[length];
        for (int at = 0; at < length;)
        {
            int received;
            try
            {
                received = _socket.Receive(bytes.AsSpan(at));
            }
            catch (SocketException reset) when (reset.SocketErrorCode is SocketError.ConnectionReset or SocketError.ConnectionAborted)
            {
                return null;
            }
            if (received == 0)
                return null;
            at += received;
        }
        return bytes;
    }
}
