using Pewter.NineP.Server;
using Pewter.NineP.Tests.Sample;
using Pewter.NineP.Wire;

namespace Pewter.NineP.Tests.Server;

public sealed class FlushTests
{
    [Fact]
    public async Task A_flushed_read_is_not_answered_and_its_tag_is_free_at_once()
    {
        await using var server = new SampleServer();
        using var peer = await OpenStreamAsync(server);
        await BlockAsync(server, peer, 5);

        Assert.Equal(MessageType.Rflush, (await peer.AskAsync(6, () => new Tflush { OldTag = 5 })).Type);
        await BlockAsync(server, peer, 5);
        server.Tree.Stream.Push("once"u8);
        var reply = await peer.ReceiveAsync();

        Assert.Equal((MessageType.Rread, 5, "once"), (reply.Type, reply.Tag, reply.Data));
        Assert.True(await peer.IsQuietAsync());
    }

    [Fact]
    public async Task A_tag_may_be_flushed_and_used_again_many_times()
    {
        await using var server = new SampleServer();
        using var peer = await OpenStreamAsync(server);
        for (var i = 0; i < 300; i++)
        {
            peer.Add(5, new Tread { Fid = 1, Count = 10 });
            Assert.Equal(MessageType.Rflush, (await peer.AskAsync(6, () => new Tflush { OldTag = 5 })).Type);
        }

        peer.Add(5, new Tread { Fid = 1, Count = 10 });
        await peer.FlushAsync();
        server.Tree.Stream.Push("x"u8);
        Assert.Equal("x", (await peer.ReceiveAsync()).Data);
    }

    [Fact]
    public async Task Several_flushes_of_one_tag_are_answered_in_order()
    {
        await using var server = new SampleServer();
        using var peer = await OpenStreamAsync(server);
        await BlockAsync(server, peer, 5);
        for (ushort tag = 10; tag < 14; tag++)
            peer.Add(tag, new Tflush { OldTag = 5 });
        await peer.FlushAsync();

        for (ushort tag = 10; tag < 14; tag++)
            Assert.Equal((MessageType.Rflush, tag), (await peer.ReceiveAsync() is var reply ? reply.Type : default, reply.Tag));
    }

    [Fact]
    public async Task A_flush_of_a_flush_and_of_nothing_are_answered()
    {
        await using var server = new SampleServer();
        using var peer = await OpenStreamAsync(server);
        await BlockAsync(server, peer, 5);
        peer.Add(6, new Tflush { OldTag = 5 });
        peer.Add(7, new Tflush { OldTag = 6 });
        peer.Add(8, new Tflush { OldTag = 999 });
        await peer.FlushAsync();

        var tags = new List<ushort>();
        for (var i = 0; i < 3; i++)
            tags.Add((await peer.ReceiveAsync()).Tag);
        Assert.Equal([6, 7, 8], tags.Order().ToArray());
        Assert.True(tags.IndexOf(6) < tags.IndexOf(7));
    }

    [Fact]
    public async Task An_answer_that_comes_first_is_on_the_wire_before_the_Rflush()
    {
        await using var server = new SampleServer();
        using var peer = await OpenStreamAsync(server);
        peer.Add(5, new Tgetattr { Fid = 1 });
        peer.Add(6, new Tflush { OldTag = 5 });
        await peer.FlushAsync();

        Assert.Equal(MessageType.Rgetattr, (await peer.ReceiveAsync()).Type);
        Assert.Equal(MessageType.Rflush, (await peer.ReceiveAsync()).Type);
    }

    [Fact]
    public async Task A_tag_in_use_ends_the_connection()
    {
        await using var server = new SampleServer();
        using var peer = await OpenStreamAsync(server);
        await BlockAsync(server, peer, 5);
        peer.Add(5, new Tgetattr { Fid = 1 });
        await peer.FlushAsync();

        await Assert.ThrowsAsync<EndOfStreamException>(peer.ReceiveAsync);
        Assert.Equal(DisconnectReason.ProtocolError, (await server.LastConnection).Reason);
        Assert.Equal(1, server.Tree.Stream.Disposed);
    }

    [Fact]
    public async Task A_Tversion_aborts_blocked_reads_and_clunks_every_fid()
    {
        await using var server = new SampleServer();
        using var peer = await OpenStreamAsync(server);
        for (ushort tag = 5; tag < 25; tag++)
            await BlockAsync(server, peer, tag, tag - 4);

        var reply = await peer.AskAsync(Protocol.NoTag, () => new Tversion { MessageSize = 8192, Version = "9P2000.L"u8 });

        Assert.Equal(MessageType.Rversion, reply.Type);
        Assert.Equal((0, 1), (server.Tree.Stream.Readers, server.Tree.Stream.Disposed));
        Assert.Equal(Errno.EBADF, await peer.AskErrorAsync(1, () => new Tgetattr { Fid = 0 }));
    }

    [Fact]
    public async Task A_clunk_ends_the_reads_on_its_fid()
    {
        await using var server = new SampleServer();
        using var peer = await OpenStreamAsync(server);
        await BlockAsync(server, peer, 5);
        peer.Add(6, new Tclunk { Fid = 1 });
        await peer.FlushAsync();

        RawPeer.Reply[] replies = [await peer.ReceiveAsync(), await peer.ReceiveAsync()];
        Assert.Equal(Errno.EINTR, replies.Single(reply => reply.Tag == 5).Errno(peer.Dialect));
        Assert.Equal(MessageType.Rclunk, replies.Single(reply => reply.Tag == 6).Type);
        Assert.Equal(1, server.Tree.Stream.Disposed);
    }

    [Fact]
    public async Task A_disconnect_cancels_and_clunks()
    {
        await using var server = new SampleServer();
        using var peer = await OpenStreamAsync(server);
        await BlockAsync(server, peer, 5);

        await peer.CloseAsync();

        Assert.Equal(DisconnectReason.PeerClosed, (await server.LastConnection).Reason);
        Assert.Equal((0, 1), (server.Tree.Stream.Readers, server.Tree.Stream.Disposed));
    }

    private static async Task<RawPeer> OpenStreamAsync(SampleServer server)
    {
        var peer = new RawPeer(server.Connect());
        await peer.StartAsync();
        await peer.AskAsync(1, () => new Twalk { Fid = 0, NewFid = 1, Names = RawPeer.Names("stream") });
        await peer.AskAsync(1, () => new Tlopen { Fid = 1, Flags = 2 });
        return peer;
    }

    private static async Task BlockAsync(SampleServer server, RawPeer peer, ushort tag, int readers = 1)
    {
        peer.Add(tag, new Tread { Fid = 1, Count = 100 });
        await peer.FlushAsync();
        await Eventually.Async(() => server.Tree.Stream.Readers == readers);
    }
}
