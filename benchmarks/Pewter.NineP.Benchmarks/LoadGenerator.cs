using System.Buffers.Binary;
using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using Pewter.NineP.Wire;

namespace Pewter.NineP.Benchmarks;

/// <summary>
/// Keeps <c>depth</c> requests in flight on one connection and does nothing else: prepared frames out, sizes and types of replies in. A reply
/// of the wrong type stops the measurement.
/// </summary>
internal sealed class LoadGenerator : IDisposable
{
    public const uint RootFid = 0;
    public const uint FileFid = 1;
    public const uint OpenFid = 2;

    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly byte[] _input = new byte[1 << 20];
    private readonly byte[] _output = new byte[1 << 18];
    private int _held;

    public LoadGenerator(Rivals.Server server)
    {
        _socket.Connect(new UnixDomainSocketEndPoint(server.Socket));
        Ask(Protocol.NoTag, new Tversion { MessageSize = 65536, Version = "9P2000.L"u8 });
        Ask(0, new Tattach
        {
            Fid = RootFid,
            AuthFid = Protocol.NoFid,
            UserName = "root"u8,
            AccessName = Encoding.UTF8.GetBytes(server.AccessName),
            UserId = 0,
        });
        Ask(0, new Twalk { Fid = RootFid, NewFid = FileFid, Names = Name("file") });
        Ask(0, new Twalk { Fid = RootFid, NewFid = OpenFid, Names = Name("file") });
        Ask(0, new Tlopen { Fid = OpenFid });
    }

    /// <summary>Runs operations until the time is up and gives how many were done a second.</summary>
    public (long Operations, TimeSpan Elapsed) Run(IOperation operation, int depth, TimeSpan duration)
    {
        var began = Stopwatch.GetTimestamp();
        long done = 0;
        var size = 0;
        var inFlight = depth;
        for (ushort tag = 0; tag < depth; tag++)
            size += operation.Begin(_output.AsSpan(size), tag);
        while (inFlight > 0)
        {
            if (size > 0)
                _socket.Send(_output.AsSpan(0, size));
            size = 0;
            var more = Stopwatch.GetElapsedTime(began) < duration;
            foreach (var (type, tag) in Receive())
            {
                var next = operation.Continue(_output.AsSpan(size), type, tag, out var ended);
                if (ended)
                {
                    done++;
                    if (more)
                        next = operation.Begin(_output.AsSpan(size), tag);
                    else
                        inFlight--;
                }

                size += next;
            }
        }

        return (done, Stopwatch.GetElapsedTime(began));
    }

    /// <summary>Reads the bytes our server has allocated so far.</summary>
    public long AllocatedByServer()
    {
        Ask(0, new Twalk { Fid = RootFid, NewFid = 9, Names = Name("allocated") });
        Ask(0, new Tlopen { Fid = 9 });
        Ask(0, new Tread { Fid = 9, Count = 100 });
        var text = Encoding.ASCII.GetString(_input, 11, BinaryPrimitives.ReadInt32LittleEndian(_input.AsSpan(7)));
        Ask(0, new Tclunk { Fid = 9 });
        return long.Parse(text);
    }

    public void Dispose() => _socket.Dispose();

    internal static NameList Name(string name)
    {
        var utf8 = Encoding.UTF8.GetBytes(name);
        return new NameList(1, (byte[])[(byte)utf8.Length, 0, .. utf8]);
    }

    private void Ask<T>(ushort tag, scoped in T message)
        where T : struct, IMessage<T>, allows ref struct
    {
        _socket.Send(_output.AsSpan(0, MessageWriter.WriteFrame(_output, tag, message, Dialect.NineP2000L)));
        var replies = Receive();
        if (replies is not [var (type, _)] || type != T.Type + 1)
            throw new InvalidOperationException($"{T.Type} was answered with {string.Join(' ', replies)}");
    }

    private List<(MessageType Type, ushort Tag)> Receive()
    {
        _replies.Clear();
        while (_replies.Count == 0)
        {
            var count = _socket.Receive(_input.AsSpan(_held));
            if (count == 0)
                throw new InvalidOperationException("the server closed the connection");
            _held += count;
            var at = 0;
            while (_held - at >= 7 && BinaryPrimitives.ReadInt32LittleEndian(_input.AsSpan(at)) is var size && _held - at >= size)
            {
                _replies.Add(((MessageType)_input[at + 4], BinaryPrimitives.ReadUInt16LittleEndian(_input.AsSpan(at + 5))));
                at += size;
            }

            _input.AsSpan(at, _held - at).CopyTo(_input);
            _held -= at;
        }

        return _replies;
    }

    private readonly List<(MessageType Type, ushort Tag)> _replies = [];
}
