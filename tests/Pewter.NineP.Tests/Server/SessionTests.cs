using System.Text;
using Pewter.NineP.Server;
using Pewter.NineP.Tests.Sample;
using Pewter.NineP.Wire;

namespace Pewter.NineP.Tests.Server;

public sealed class SessionTests
{
    [Theory]
    [InlineData("9P2000.L", "9P2000.L"), InlineData("9P2000.u", "9P2000"), InlineData("9P2000", "9P2000"), InlineData("9P2000.xyz", "9P2000")]
    [InlineData("9P1999", "unknown"), InlineData("9P2000L", "unknown"), InlineData("", "unknown")]
    public async Task A_version_is_answered_with_the_best_that_both_know(string asked, string agreed)
    {
        await using var server = new SampleServer();
        using var peer = new RawPeer(server.Connect());

        var reply = await peer.AskAsync(Protocol.NoTag, () => new Tversion { MessageSize = 1 << 30, Version = Encoding.UTF8.GetBytes(asked) });

        Assert.Equal(agreed, Encoding.UTF8.GetString(reply.Body.AsSpan(6)));
        Assert.Equal(1u << 20, BitConverter.ToUInt32(reply.Body));
    }

    [Fact]
    public async Task A_message_size_too_small_to_work_with_makes_no_session()
    {
        await using var server = new SampleServer();
        using var peer = new RawPeer(server.Connect());

        var reply = await peer.AskAsync(Protocol.NoTag, () => new Tversion { MessageSize = 100, Version = "9P2000.L"u8 });

        Assert.Equal("unknown", Encoding.UTF8.GetString(reply.Body.AsSpan(6)));
    }

    [Fact]
    public async Task Anything_before_a_version_ends_the_connection()
    {
        await using var server = new SampleServer();
        using var peer = new RawPeer(server.Connect());
        peer.Add(1, new Tclunk { Fid = 0 });
        await peer.FlushAsync();

        await Assert.ThrowsAsync<EndOfStreamException>(peer.ReceiveAsync);
        Assert.Equal(DisconnectReason.ProtocolError, (await server.LastConnection).Reason);
    }

    [Theory]
    [InlineData(0u), InlineData(6u), InlineData(0xFFFF_FFFFu), InlineData(65537u)]
    public async Task A_nonsense_size_ends_that_connection_only(uint size)
    {
        await using var server = new SampleServer();
        using var other = new RawPeer(server.Connect());
        await other.StartAsync();
        using var peer = new RawPeer(server.Connect());
        await peer.StartAsync();

        await peer.SendAsync([.. BitConverter.GetBytes(size), 120, 1, 0, 0, 0, 0, 0]);

        await Assert.ThrowsAsync<EndOfStreamException>(peer.ReceiveAsync);
        Assert.Equal(DisconnectReason.ProtocolError, (await server.LastConnection).Reason);
        Assert.Equal(MessageType.Rgetattr, (await other.AskAsync(1, () => new Tgetattr { Fid = 0 })).Type);
    }

    [Fact]
    public async Task An_authentication_is_refused_with_ENOENT()
    {
        await using var server = new SampleServer();
        using var peer = new RawPeer(server.Connect());
        await peer.StartAsync();

        Assert.Equal(Errno.ENOENT, await peer.AskErrorAsync(1, () => new Tauth { AuthFid = 5, UserName = "alice"u8 }));
    }

    [Fact]
    public async Task An_unknown_type_and_a_reply_are_answered_with_EOPNOTSUPP()
    {
        await using var server = new SampleServer();
        using var peer = new RawPeer(server.Connect());
        await peer.StartAsync();
        foreach (var type in (byte[])[0, 6, 9, 107, 117, 119, 200, 255, 30, 52, 70])
        {
            await peer.SendAsync(7, 0, 0, 0, type, 3, 0);
            Assert.Equal(Errno.EOPNOTSUPP, (await peer.ReceiveAsync()).Errno(peer.Dialect));
        }
    }

    [Fact]
    public async Task The_claimed_user_and_the_options_reach_the_attach_point_as_they_should()
    {
        await using var server = new SampleServer();
        using var peer = new RawPeer(server.Connect());
        await peer.StartAsync();

        var reply = await peer.AskAsync(1, () => new Tattach
        {
            Fid = 1, AuthFid = Protocol.NoFid, UserName = "bob"u8, AccessName = "root,stream=1"u8, UserId = 17,
        });
        await peer.AskErrorAsync(2, () => new Tattach { Fid = 2, AuthFid = Protocol.NoFid, AccessName = "x,token=a,stream=0,b"u8 });

        Assert.Equal(MessageType.Rattach, reply.Type);
        Assert.Equal("x,token=a,b", server.Tree.LastAttach!.AccessName);
        Assert.Equal(0u, server.Tree.LastAttach.UserId);
        Assert.Null(server.Tree.LastAttach.Peer);
    }

    [Fact]
    public async Task Without_a_version_in_time_the_connection_ends()
    {
        var time = new ManualTime();
        await using var server = new SampleServer { Time = time };
        using var peer = new RawPeer(server.Connect());
        await Eventually.Async(() => time.Timers > 1);

        time.Advance(TimeSpan.FromSeconds(6));

        Assert.Equal(DisconnectReason.Idle, (await server.LastConnection.WaitAsync(TimeSpan.FromSeconds(10))).Reason);
    }

    [Fact]
    public async Task A_peer_that_does_not_take_its_replies_is_given_up()
    {
        var time = new ManualTime();
        await using var server = new SampleServer { Time = time };
        server.Tree.Root.Add("big", new SampleText(new byte[60_000]));
        using var peer = new RawPeer(server.Connect());
        await peer.StartAsync();
        await peer.AskAsync(1, () => new Twalk { Fid = 0, NewFid = 1, Names = RawPeer.Names("big") });
        await peer.AskAsync(1, () => new Tlopen { Fid = 1 });
        for (ushort tag = 0; tag < 100; tag++)
            peer.Add(tag, new Tread { Fid = 1, Count = 60_000 });
        await peer.FlushAsync();
        await Task.Delay(100);

        time.Advance(TimeSpan.FromSeconds(61));

        Assert.Equal(DisconnectReason.Stalled, (await server.LastConnection.WaitAsync(TimeSpan.FromSeconds(10))).Reason);
    }

    [Fact]
    public async Task A_peer_that_does_not_take_late_replies_is_given_up_as_well()
    {
        var time = new ManualTime();
        await using var server = new SampleServer { Time = time };
        using var peer = new RawPeer(server.Connect());
        await peer.StartAsync();
        await peer.AskAsync(1, () => new Twalk { Fid = 0, NewFid = 1, Names = RawPeer.Names("stream") });
        await peer.AskAsync(1, () => new Tlopen { Fid = 1 });
        for (ushort tag = 0; tag < 100; tag++)
            peer.Add(tag, new Tread { Fid = 1, Count = 60_000 });
        await peer.FlushAsync();
        await Eventually.Async(() => server.Tree.Stream.Readers == 100);
        server.Tree.Stream.Push(new byte[4_000_000]);
        await Eventually.Async(() => server.Tree.Stream.Buffered == 0);
        await Task.Delay(100);

        time.Advance(TimeSpan.FromSeconds(61));

        Assert.Equal(DisconnectReason.Stalled, (await server.LastConnection.WaitAsync(TimeSpan.FromSeconds(10))).Reason);
    }

    [Fact]
    public async Task More_fids_than_the_limit_are_refused_with_EMFILE()
    {
        await using var server = new SampleServer { Limits = NineLimits.Default with { Fids = 10 } };
        using var peer = new RawPeer(server.Connect());
        await peer.StartAsync();
        for (uint fid = 1; fid < 10; fid++)
            Assert.Equal(MessageType.Rwalk, (await peer.AskAsync(1, () => new Twalk { Fid = 0, NewFid = fid })).Type);

        Assert.Equal(Errno.EMFILE, await peer.AskErrorAsync(1, () => new Twalk { Fid = 0, NewFid = 10 }));
        await peer.AskAsync(1, () => new Tclunk { Fid = 9 });
        Assert.Equal(MessageType.Rwalk, (await peer.AskAsync(1, () => new Twalk { Fid = 0, NewFid = 10 })).Type);
    }

    [Fact]
    public async Task More_waiting_requests_than_the_limit_are_refused_with_EAGAIN()
    {
        await using var server = new SampleServer { Limits = NineLimits.Default with { Requests = 3 } };
        using var peer = new RawPeer(server.Connect());
        await peer.StartAsync();
        await peer.AskAsync(1, () => new Twalk { Fid = 0, NewFid = 1, Names = RawPeer.Names("stream") });
        await peer.AskAsync(1, () => new Tlopen { Fid = 1 });
        for (ushort tag = 2; tag < 5; tag++)
            peer.Add(tag, new Tread { Fid = 1, Count = 10 });

        Assert.Equal(Errno.EAGAIN, await peer.AskErrorAsync(9, () => new Tread { Fid = 1, Count = 10 }));
        Assert.Equal(MessageType.Rflush, (await peer.AskAsync(9, () => new Tflush { OldTag = 2 })).Type);
    }
}
