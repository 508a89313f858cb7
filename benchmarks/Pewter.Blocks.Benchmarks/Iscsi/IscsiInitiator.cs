using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Pewter.Blocks.Benchmarks.Iscsi;

/// <summary>
/// The least of an initiator that can keep many commands under way on one connection, with one receive for many
/// answers.
/// </summary>
internal sealed class IscsiInitiator(IscsiLoad load, long diskLength, int lun, int seed) : IDisposable
{
    private const int Header = 48;

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly Random _random = new(seed);
    private readonly byte[] _payload = new byte[load.BlockSize];
    private readonly byte[] _in = new byte[1 << 20];
    private byte[] _out = new byte[1 << 20];
    private int _end;
    private int _dataLeft;
    private bool _endsCommand;
    private int _outLength;
    private uint _cmdSn = 1;
    private uint _statSn;
    private long _next;

    public long Completed { get; private set; }

    public void Login(IPEndPoint portal, string target)
    {
        _socket.Connect(portal);
        string[] keys =
        [
            $"InitiatorName=iqn.2026-11.example.load:{seed}", $"TargetName={target}", "SessionType=Normal", "HeaderDigest=None", "DataDigest=None",
            "InitialR2T=No", "ImmediateData=Yes", "MaxRecvDataSegmentLength=262144", "MaxBurstLength=1048576", "FirstBurstLength=262144",
            "MaxOutstandingR2T=1", "MaxConnections=1", "ErrorRecoveryLevel=0",
        ];
        byte[] text = Encoding.ASCII.GetBytes(string.Join('\0', keys) + '\0');
        // tgt answers with keys of its own first and ends the login at the next request.
        while (!TryLogin(text))
            text = [];
        for (int i = 0; i < 2; i++)
        {
            // Targets report a power-on unit attention to the first commands.
            Command(0, 0, 0x40, 0);
            Flush();
            while (TakeAnswers() == 0)
                Receive();
        }
        Completed = 0;
    }

    private bool TryLogin(byte[] text)
    {
        Span<byte> pdu = Begin(0x43, 0x87, text);
        BinaryPrimitives.WriteUInt32BigEndian(pdu[8..], 0x80000000 | (uint)seed);
        BinaryPrimitives.WriteUInt32BigEndian(pdu[24..], _cmdSn);
        BinaryPrimitives.WriteUInt32BigEndian(pdu[28..], _statSn);
        Flush();
        while (!TryTake(out _))
            Receive();
        if (_in[36] != 0)
            throw new InvalidOperationException($"login refused with {_in[36]:x2}{_in[37]:x2}");
        _statSn = BinaryPrimitives.ReadUInt32BigEndian(_in.AsSpan(24)) + 1;
        _end = 0;
        return (_in[1] & 0x80) != 0;
    }

    public void Run(TimeSpan time)
    {
        long end = Environment.TickCount64 + (long)time.TotalMilliseconds;
        for (int i = 0; i < load.Depth; i++)
            Issue();
        int open = load.Depth;
        while (open > 0)
        {
            Flush();
            Receive();
            int answered = TakeAnswers();
            open -= answered;
            if (Environment.TickCount64 >= end)
                continue;
            for (int i = 0; i < answered; i++)
                Issue();
            open += answered;
        }
    }

    public void Dispose() => _socket.Dispose();

    private void Issue()
    {
        long blocks = diskLength / load.BlockSize;
        long block = load.IsSequential ? _next++ % blocks : _random.NextInt64(blocks);
        Command(load.Writes ? (byte)0x8A : (byte)0x88, block * (load.BlockSize / 512), load.Writes ? (byte)0xA0 : (byte)0xC0, load.BlockSize);
    }

    private void Command(byte opcode, long lba, byte flags, int length)
    {
        bool writes = opcode == 0x8A;
        Span<byte> pdu = Begin(0x01, (byte)(0x80 | flags), writes ? _payload : []);
        BinaryPrimitives.WriteUInt32BigEndian(pdu[16..], _cmdSn);
        BinaryPrimitives.WriteInt32BigEndian(pdu[20..], length);
        BinaryPrimitives.WriteUInt32BigEndian(pdu[24..], _cmdSn++);
        BinaryPrimitives.WriteUInt32BigEndian(pdu[28..], _statSn);
        pdu[9] = (byte)lun;
        pdu[32] = opcode;
        if (length == 0)
            return;
        BinaryPrimitives.WriteInt64BigEndian(pdu[34..], lba);
        BinaryPrimitives.WriteInt32BigEndian(pdu[42..], length / 512);
    }

    private Span<byte> Begin(byte opcode, byte flags, ReadOnlySpan<byte> data)
    {
        int total = Header + ((data.Length + 3) & ~3);
        if (_out.Length - _outLength < total)
            Array.Resize(ref _out, _out.Length * 2);
        Span<byte> pdu = _out.AsSpan(_outLength, total);
        pdu[..Header].Clear();
        pdu[0] = opcode;
        pdu[1] = flags;
        pdu[5] = (byte)(data.Length >> 16);
        pdu[6] = (byte)(data.Length >> 8);
        pdu[7] = (byte)data.Length;
        data.CopyTo(pdu[Header..]);
        _outLength += total;
        return pdu;
    }

    private void Flush()
    {
        for (int sent = 0; sent < _outLength;)
            sent += _socket.Send(_out.AsSpan(sent, _outLength - sent));
        _outLength = 0;
    }

    private void Receive()
    {
        int received = _socket.Receive(_in.AsSpan(_end));
        if (received == 0)
            throw new EndOfStreamException("the target closed the connection");
        _end += received;
    }

    private bool TryTake(out int total)
    {
        total = _end < Header ? int.MaxValue : Header + ((((_in[5] << 16) | (_in[6] << 8) | _in[7]) + 3) & ~3);
        return _end >= total;
    }

    /// <summary>Counts the commands that have ended; data is passed over where it lies, so that both targets are told apart.</summary>
    private int TakeAnswers()
    {
        int at = 0, answers = 0;
        while (true)
        {
            int passed = Math.Min(_dataLeft, _end - at);
            at += passed;
            _dataLeft -= passed;
            if (_dataLeft > 0)
                break;
            if (_endsCommand)
                answers++;
            _endsCommand = false;
            if (_end - at < Header)
                break;
            ReadHeader(_in.AsSpan(at, Header));
            at += Header;
        }
        _in.AsSpan(at, _end - at).CopyTo(_in);
        _end -= at;
        Completed += answers;
        return answers;
    }

    private void ReadHeader(ReadOnlySpan<byte> pdu)
    {
        _dataLeft = (((pdu[5] << 16) | (pdu[6] << 8) | pdu[7]) + 3) & ~3;
        _endsCommand = pdu[0] == 0x21 || (pdu[0] == 0x25 && (pdu[1] & 1) != 0);
        if (_endsCommand)
            _statSn = BinaryPrimitives.ReadUInt32BigEndian(pdu[24..]) + 1;
        if (pdu[0] == 0x21 && pdu[3] != 0 && Completed > 100)
            throw new InvalidOperationException($"a command ended with status {pdu[3]:x2}");
        if (pdu[0] is not (0x21 or 0x25 or 0x20))
            throw new InvalidOperationException($"unexpected PDU {pdu[0]:x2}");
    }
}
