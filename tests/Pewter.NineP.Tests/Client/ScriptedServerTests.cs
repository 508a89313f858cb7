using Pewter.NineP.Client;
using Pewter.NineP.Tests.Server;
using Pewter.NineP.Transport;
using Pewter.NineP.Wire;

namespace Pewter.NineP.Tests.Client;

/// <summary>The client against a server that says exactly what it is told, right or wrong.</summary>
public sealed class ScriptedServerTests
{
    [Theory]
    [InlineData(100u, "9P2000.L"), InlineData(1u << 20, "9P2000.L"), InlineData(8192u, "unknown"), InlineData(8192u, "9P2000.u")]
    public async Task A_strange_version_is_refused(uint size, string version)
    {
        var (mine, theirs) = MemoryTransport.CreatePair();
        using var server = new RawPeer(theirs);
        var connecting = NineClient.ConnectAsync(mine);
        await server.ReceiveAsync();
        server.Add(Protocol.NoTag, new Rversion { MessageSize = size, Version = System.Text.Encoding.ASCII.GetBytes(version) });
        await server.FlushAsync();

        Assert.Equal(Errno.EPROTO, (await Assert.ThrowsAsync<FileException>(() => connecting)).Errno);
    }

    [Fact]
    public async Task A_server_that_hangs_up_or_speaks_something_else_is_told_apart()
    {
        var (mine, theirs) = MemoryTransport.CreatePair();
        await theirs.Output.CompleteAsync();
        Assert.Equal(Errno.ECONNRESET, (await Assert.ThrowsAsync<FileException>(() => NineClient.ConnectAsync(mine))).Errno);

        (mine, theirs) = MemoryTransport.CreatePair();
        await theirs.Output.WriteAsync("HTTP/1.1 400 Bad Request\r\n\r\n"u8.ToArray());
        Assert.Equal(Errno.EPROTO, (await Assert.ThrowsAsync<FileException>(() => NineClient.ConnectAsync(mine))).Errno);
    }

    [Fact]
    public async Task A_cancelled_request_waits_for_the_end_of_its_flush()
    {
        await using var script = await Script.StartAsync();
        using var cancel = new CancellationTokenSource();
        var read = script.File.ReadAsync(0, new byte[10], cancel.Token).AsTask();
        var asked = await script.Server.ReceiveAsync();
        await cancel.CancelAsync();
        var flush = await script.Server.ReceiveAsync();

        Assert.Equal((MessageType.Tflush, asked.Tag), (flush.Type, BitConverter.ToUInt16(flush.Body)));
        Assert.False(read.IsCompleted);
        await script.AnswerAsync(flush.Tag, () => default(Rflush));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
    }

    [Fact]
    public async Task An_answer_before_the_Rflush_counts()
    {
        await using var script = await Script.StartAsync();
        using var cancel = new CancellationTokenSource();
        var buffer = new byte[10];
        var read = script.File.ReadAsync(0, buffer, cancel.Token).AsTask();
        var asked = await script.Server.ReceiveAsync();
        await cancel.CancelAsync();
        var flush = await script.Server.ReceiveAsync();
        await script.AnswerAsync(asked.Tag, () => new Rread { Data = "abc"u8 });
        await Task.Delay(20);

        Assert.False(read.IsCompleted);
        await script.AnswerAsync(flush.Tag, () => default(Rflush));
        Assert.Equal(3, await read);
        Assert.Equal((byte)'a', buffer[0]);
    }

    [Fact]
    public async Task Answers_out_of_order_reach_their_requests()
    {
        await using var script = await Script.StartAsync();
        var buffers = Enumerable.Range(0, 20).Select(_ => new byte[1]).ToArray();
        var reads = new List<Task<int>>();
        var tags = new List<ushort>();
        foreach (var buffer in buffers)
        {
            reads.Add(script.File.ReadAsync(0, buffer).AsTask());
            tags.Add((await script.Server.ReceiveAsync()).Tag);
        }

        for (var i = 19; i >= 0; i--)
        {
            var data = (byte)i;
            await script.AnswerAsync(tags[i], () => new Rread { Data = (byte[])[data] });
        }

        Assert.All(await Task.WhenAll(reads), count => Assert.Equal(1, count));
        Assert.Equal(Enumerable.Range(0, 20).Select(i => (byte)i), buffers.Select(buffer => buffer[0]));
    }

    [Theory]
    [InlineData("longer than asked"), InlineData("wrong kind"), InlineData("unknown tag"), InlineData("malformed"), InlineData("Rflush of nothing")]
    public async Task A_server_that_breaks_the_protocol_is_given_up(string fault)
    {
        await using var script = await Script.StartAsync();
        var read = script.File.ReadAsync(0, new byte[10]).AsTask();
        var tag = (await script.Server.ReceiveAsync()).Tag;
        await (fault switch
        {
            "longer than asked" => script.AnswerAsync(tag, () => new Rread { Data = new byte[11] }),
            "wrong kind" => script.AnswerAsync(tag, () => new Rwrite { Count = 1 }),
            "unknown tag" => script.AnswerAsync(999, () => new Rread { Data = "a"u8 }),
            "malformed" => script.Server.SendAsync(11, 0, 0, 0, (byte)MessageType.Rread, (byte)tag, (byte)(tag >> 8), 255, 0, 0, 0),
            _ => script.AnswerAsync((ushort)(tag | 0x4000), () => default(Rflush)),
        });

        var failure = await Assert.ThrowsAsync<FileException>(() => read.WaitAsync(TimeSpan.FromSeconds(10)));

        Assert.Contains(failure.Errno, (Errno[])[Errno.EPROTO, Errno.ENOLINK]);
        await script.Client.Completion.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task More_requests_than_tags_wait_for_their_turn()
    {
        await using var script = await Script.StartAsync(NineClientOptions.Default with { Requests = 2 });
        var reads = Enumerable.Range(0, 3).Select(_ => script.File.ReadAsync(0, new byte[1]).AsTask()).ToArray();
        var first = await script.Server.ReceiveAsync();
        await script.Server.ReceiveAsync();
        Assert.True(await script.Server.IsQuietAsync());

        await script.AnswerAsync(first.Tag, () => new Rread { Data = "a"u8 });

        Assert.Equal(first.Tag, (await script.Server.ReceiveAsync()).Tag);
        Assert.Equal(1, reads.Count(read => read.IsCompleted));
    }

    private sealed class Script : IAsyncDisposable
    {
        private Script(RawPeer server, NineClient client, NineFile file)
        {
            Server = server;
            Client = client;
            File = file;
        }

        public RawPeer Server { get; }

        public NineClient Client { get; }

        public NineFile File { get; }

        public static async Task<Script> StartAsync(NineClientOptions? options = null)
        {
            var (mine, theirs) = MemoryTransport.CreatePair();
            var server = new RawPeer(theirs);
            var connecting = NineClient.ConnectAsync(mine, options);
            await server.ReceiveAsync();
            server.Add(Protocol.NoTag, new Rversion { MessageSize = 8192, Version = "9P2000.L"u8 });
            await server.FlushAsync();
            var client = await connecting;
            var attaching = client.AttachAsync("alice", "root");
            server.Add((await server.ReceiveAsync()).Tag, default(Rattach));
            await server.FlushAsync();
            return new Script(server, client, await attaching);
        }

        public async Task AnswerAsync<T>(ushort tag, RawPeer.Message<T> make)
            where T : struct, IMessage<T>, allows ref struct
        {
            Server.Add(tag, make());
            await Server.FlushAsync();
        }

        public async ValueTask DisposeAsync()
        {
            await Client.DisposeAsync();
            Server.Dispose();
        }
    }
}
