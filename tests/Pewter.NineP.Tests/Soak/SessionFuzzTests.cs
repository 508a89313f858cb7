using System.IO.Pipelines;
using Pewter.NineP.Server;
using Pewter.NineP.Tests.Sample;
using Pewter.NineP.Tests.Wire;
using Pewter.NineP.Wire;

namespace Pewter.NineP.Tests.Soak;

/// <summary>
/// Strategy: sessions of plausible and broken requests, pipelined, over memory. Invariants: no bug reaches the end of a connection; every
/// reply is well formed, has a tag that waits for one and is of its request's kind; a broken frame ends its connection as a protocol error;
/// every open is closed; the server still works, and memory does not grow.
/// </summary>
[Trait("Category", "Soak"), Collection(nameof(AloneCollection))]
public sealed class SessionFuzzTests
{
    private const int SessionLength = 4_000;

    private static readonly HashSet<MessageType> Expected =
    [
        MessageType.Rwalk, MessageType.Rclunk, MessageType.Rlopen, MessageType.Rread, MessageType.Rwrite, MessageType.Rreaddir,
        MessageType.Rlcreate, MessageType.Rgetattr, MessageType.Rflush, MessageType.Rattach, MessageType.Rsetattr,
        MessageType.Rstatfs, MessageType.Rremove, MessageType.Rfsync,
        MessageType.Ropen, MessageType.Rcreate, MessageType.Rstat, MessageType.Rwstat,
    ];

    [Fact]
    public async Task No_sequence_of_messages_breaks_the_session()
    {
        var total = Scale.Of(10_000_000, 200_000);
        var random = new Random(20261120);
        var memory = GC.GetTotalMemory(forceFullCollection: true);
        var (sent, broken) = (0L, 0);
        var succeeded = new Dictionary<MessageType, long>();
        while (sent < total)
        {
            await using var server = new SampleServer();
            for (var session = 0; session < 20; session++)
            {
                var dialect = session % 2 == 0 ? Dialect.NineP2000L : Dialect.NineP2000;
                var episode = new Episode(server.Connect(), dialect, random, succeeded);
                sent += await episode.RunAsync(SessionLength).WaitAsync(TimeSpan.FromSeconds(60));
                broken += episode.IsBroken ? 1 : 0;
                var end = await server.LastConnection.WaitAsync(TimeSpan.FromSeconds(60));
                var expected = episode.IsBroken ? DisconnectReason.ProtocolError : DisconnectReason.PeerClosed;
                Assert.True(end.Reason == expected, $"{dialect} ended by {end.Reason}, not {expected}: {end.Detail}");
                Assert.Equal((0, 0), (server.Tree.Stream.Readers, server.Tree.Hello.Opens));
            }

            using var healthy = new Server.RawPeer(server.Connect());
            await healthy.StartAsync();
        }

        Assert.True(broken > 0, "no broken frame was sent");
        Assert.True(succeeded.Values.Sum() > sent / 8, $"only {succeeded.Values.Sum()} of {sent} requests got far enough to succeed");
        Assert.Subset(succeeded.Keys.ToHashSet(), Expected);
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - memory, long.MinValue, 64 << 20);
    }

    /// <summary>One connection from version to end.</summary>
    private sealed class Episode(IDuplexPipe transport, Dialect dialect, Random random, Dictionary<MessageType, long> succeeded)
    {
        private readonly byte[] _waiting = new byte[ushort.MaxValue];
        private readonly ushort[] _flushes = new ushort[ushort.MaxValue];
        private readonly byte[] _buffer = new byte[4096];
        private readonly FuzzedRequests _requests = new(random, dialect);
        private ushort _tag;

        public bool IsBroken { get; private set; }

        public async Task<int> RunAsync(int count)
        {
            using var frames = new FrameReader { MessageSize = 1 << 20 };
            Start();
            var receiving = Task.Run(() => ReceiveAsync(frames));
            var sent = 0;
            while (sent < count && !IsBroken)
            {
                for (var batch = random.Next(1, 64); batch > 0 && !IsBroken; batch--, sent++)
                    Add();
                if ((await transport.Output.FlushAsync()).IsCompleted)
                    break;
            }

            await transport.Output.CompleteAsync();
            await receiving;
            await transport.Input.CompleteAsync();
            return sent;
        }

        private void Start()
        {
            var version = dialect == Dialect.NineP2000L ? "9P2000.L"u8 : "9P2000"u8;
            Write(MessageWriter.WriteFrame(_buffer, Protocol.NoTag, new Tversion { MessageSize = 65536, Version = version }, dialect));
            Write(MessageWriter.WriteFrame(
                _buffer, 0, new Tattach { AuthFid = Protocol.NoFid, AccessName = "root"u8 }, dialect));
            _waiting[0] = (byte)MessageType.Tattach;
        }

        private void Add()
        {
            do
                _tag = (ushort)((_tag + 1) % (ushort.MaxValue - 1));
            while (Volatile.Read(ref _waiting[_tag]) != 0);
            var size = _requests.Write(_buffer, _tag, SomeTag, out var type, out var oldTag, out var broken);
            _flushes[_tag] = oldTag;
            Volatile.Write(ref _waiting[_tag], (byte)type);
            IsBroken |= broken;
            Write(size);
        }

        private ushort SomeTag() => (ushort)Math.Max(0, _tag - random.Next(100));

        private void Write(int size)
        {
            _buffer.AsSpan(0, size).CopyTo(transport.Output.GetSpan(size));
            transport.Output.Advance(size);
        }

        private async Task ReceiveAsync(FrameReader frames)
        {
            while (true)
            {
                var result = await transport.Input.ReadAsync();
                var buffer = result.Buffer;
                while (frames.TryRead(ref buffer, out var frame))
                    Check(frame);
                transport.Input.AdvanceTo(buffer.Start, buffer.End);
                if (result.IsCompleted)
                    return;
            }
        }

        private void Check(in Frame frame)
        {
            Assert.NotNull(MessageCatalogue.All[frame.Type].Recode(frame.Body.ToArray(), dialect));
            if (frame.Tag == Protocol.NoTag)
                return;
            var asked = Volatile.Read(ref _waiting[frame.Tag]);
            Assert.NotEqual(0, asked);
            if (frame.Type is MessageType.Rlerror or MessageType.Rerror)
            {
                Assert.Equal(dialect == Dialect.NineP2000L ? MessageType.Rlerror : MessageType.Rerror, frame.Type);
                Assert.NotEqual((byte)MessageType.Tflush, asked);
            }
            else
            {
                Assert.Equal((MessageType)asked + 1, frame.Type);
                succeeded[frame.Type] = succeeded.GetValueOrDefault(frame.Type) + 1;
            }

            if (frame.Type == MessageType.Rflush)
                Volatile.Write(ref _waiting[_flushes[frame.Tag]], 0);
            Volatile.Write(ref _waiting[frame.Tag], 0);
        }
    }
}
