using System.IO.Pipelines;
using System.Text;
using Pewter.NineP.Wire;

namespace Pewter.NineP.Tests.Server;

/// <summary>A client that says exactly what it is told, right or wrong, through the production codec.</summary>
internal sealed class RawPeer(IDuplexPipe transport) : IDisposable
{
    private readonly FrameReader _frames = new() { MessageSize = 1 << 21 };

    public Dialect Dialect { get; set; } = Dialect.NineP2000L;

    public static NameList Names(params string[] names)
    {
        var encoded = names.SelectMany(name => (byte[])[(byte)Encoding.UTF8.GetByteCount(name), 0, .. Encoding.UTF8.GetBytes(name)]).ToArray();
        return new NameList(names.Length, encoded);
    }

    /// <summary>Version, and fid 0 on the root of an attach.</summary>
    public async Task StartAsync(Dialect dialect = Dialect.NineP2000L, string accessName = "root")
    {
        Dialect = dialect;
        var version = dialect == Dialect.NineP2000L ? "9P2000.L"u8.ToArray() : "9P2000"u8.ToArray();
        Assert.Equal(MessageType.Rversion, (await AskAsync(Protocol.NoTag, () => new Tversion { MessageSize = 65536, Version = version })).Type);
        Message<Tattach> attach = () => new Tattach
        {
            AuthFid = Protocol.NoFid,
            UserName = "alice"u8,
            AccessName = Encoding.UTF8.GetBytes(accessName),
            UserId = Protocol.NoUserId,
        };
        Assert.Equal(MessageType.Rattach, (await AskAsync(0, attach)).Type);
    }

    public void Add<T>(ushort tag, scoped in T message)
        where T : struct, IMessage<T>, allows ref struct
    {
        var span = transport.Output.GetSpan(Protocol.HeaderSize + message.Size);
        transport.Output.Advance(MessageWriter.WriteFrame(span, tag, message, Dialect));
    }

    public async Task SendAsync(params byte[] bytes) => await transport.Output.WriteAsync(bytes);

    public async Task FlushAsync() => await transport.Output.FlushAsync();

    public async Task<Reply> AskAsync<T>(ushort tag, Message<T> make)
        where T : struct, IMessage<T>, allows ref struct
    {
        Add(tag, make());
        await FlushAsync();
        var reply = await ReceiveAsync();
        Assert.Equal(tag, reply.Tag);
        return reply;
    }

    public async Task<Errno> AskErrorAsync<T>(ushort tag, Message<T> make)
        where T : struct, IMessage<T>, allows ref struct => (await AskAsync(tag, make)).Errno(Dialect);

    public async Task<Reply> ReceiveAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        while (true)
        {
            var result = await transport.Input.ReadAsync(limit.Token);
            var buffer = result.Buffer;
            if (_frames.TryRead(ref buffer, out var frame))
            {
                var reply = new Reply(frame.Type, frame.Tag, frame.Body.ToArray());
                transport.Input.AdvanceTo(buffer.Start);
                return reply;
            }

            transport.Input.AdvanceTo(buffer.Start, buffer.End);
            if (result.IsCompleted)
                throw new EndOfStreamException();
        }
    }

    /// <summary>Whether nothing is received for a moment.</summary>
    public async Task<bool> IsQuietAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
        try
        {
            var result = await transport.Input.ReadAsync(limit.Token);
            transport.Input.AdvanceTo(result.Buffer.Start);
            return false;
        }
        catch (OperationCanceledException)
        {
            return true;
        }
    }

    public async Task CloseAsync()
    {
        await transport.Output.CompleteAsync();
        await transport.Input.CompleteAsync();
    }

    public void Dispose() => _frames.Dispose();

    internal delegate T Message<T>()
        where T : struct, IMessage<T>, allows ref struct;

    internal sealed record Reply(MessageType Type, ushort Tag, byte[] Body)
    {
        public string Data => Encoding.UTF8.GetString(Body.AsSpan(4));

        public Errno Errno(Dialect dialect)
        {
            Assert.Equal(dialect == Dialect.NineP2000L ? MessageType.Rlerror : MessageType.Rerror, Type);
            return dialect == Dialect.NineP2000L
                ? (Errno)BitConverter.ToUInt32(Body)
                : ErrnoText.Parse(Encoding.UTF8.GetString(Body.AsSpan(2)));
        }
    }
}
