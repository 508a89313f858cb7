using Pewter.NineP.Server;
using Pewter.NineP.Wire;

namespace Pewter.NineP.Tests.Server;

public sealed class FidTests
{
    [Fact]
    public async Task A_walk_without_names_copies_the_fid()
    {
        await using var session = await Session.StartAsync();
        var reply = await session.Peer.AskAsync(1, () => new Twalk { Fid = 0, NewFid = 7 });
        Assert.Equal((MessageType.Rwalk, 2), (reply.Type, reply.Body.Length));
        Assert.Equal(MessageType.Rgetattr, (await session.Peer.AskAsync(1, () => new Tgetattr { Fid = 7 })).Type);
    }

    [Fact]
    public async Task A_walk_that_fails_later_gives_the_qids_so_far_and_no_fid()
    {
        await using var session = await Session.StartAsync();
        var reply = await session.Peer.AskAsync(1, () => new Twalk { Fid = 0, NewFid = 7, Names = RawPeer.Names("folder", "deep", "missing", "x") });
        Assert.Equal((MessageType.Rwalk, 2 + (2 * Qid.Size)), (reply.Type, reply.Body.Length));
        Assert.Equal(Errno.EBADF, await session.Peer.AskErrorAsync(1, () => new Tclunk { Fid = 7 }));
    }

    [Theory]
    [InlineData(Errno.ENOENT, "missing")]
    [InlineData(Errno.ENOTDIR, "hello", "x")]
    [InlineData(Errno.EINVAL, "a/b")]
    [InlineData(Errno.EINVAL, "")]
    [InlineData(Errno.EINVAL, "a\0b")]
    public async Task A_walk_by_a_wrong_name_is_an_error(Errno expected, params string[] names)
    {
        await using var session = await Session.StartAsync();
        var from = names.Length == 1 ? 0u : 1u;
        if (from == 1)
            await session.WalkAsync(1, names[0]);
        Assert.Equal(expected, await session.Peer.AskErrorAsync(1, () => new Twalk { Fid = from, NewFid = 7, Names = RawPeer.Names(names[^1]) }));
    }

    [Fact]
    public async Task A_name_that_is_not_UTF8_or_too_long_is_refused()
    {
        await using var session = await Session.StartAsync();
        Assert.Equal(Errno.EILSEQ, await session.Peer.AskErrorAsync(1, () => new Twalk { NewFid = 7, Names = new NameList(1, [2, 0, 0xC3, 0x28]) }));
        var longName = new byte[] { 0, 1 }.Concat(Enumerable.Repeat((byte)'a', 256)).ToArray();
        Assert.Equal(Errno.ENAMETOOLONG, await session.Peer.AskErrorAsync(1, () => new Twalk { NewFid = 7, Names = new NameList(1, longName) }));
    }

    [Fact]
    public async Task Dot_stays_and_dot_dot_goes_up_but_never_above_the_root()
    {
        await using var session = await Session.StartAsync();
        var root = session.Server.Tree.Root.Qid.Path;
        var reply = await session.Peer.AskAsync(
            1, () => new Twalk { Fid = 0, NewFid = 7, Names = RawPeer.Names("..", "folder", ".", "deep", "..", "..", "..") });
        Assert.Equal((MessageType.Rwalk, 2 + (7 * Qid.Size)), (reply.Type, reply.Body.Length));
        Assert.Equal(root, BitConverter.ToUInt64(reply.Body, 2 + (6 * Qid.Size) + 5));
    }

    [Fact]
    public async Task Dot_dot_does_not_leave_an_attached_subtree()
    {
        await using var session = await Session.StartAsync(accessName: "folder");
        var reply = await session.Peer.AskAsync(1, () => new Twalk { Fid = 0, NewFid = 7, Names = RawPeer.Names("deep", "..", "..", "..") });
        Assert.Equal(session.Server.Tree.Folder.Qid.Path, BitConverter.ToUInt64(reply.Body, 2 + (3 * Qid.Size) + 5));
        Assert.Equal(Errno.ENOENT, await session.Peer.AskErrorAsync(1, () => new Twalk { Fid = 7, NewFid = 8, Names = RawPeer.Names("hello") }));
    }

    [Fact]
    public async Task A_walk_from_an_open_directory_is_allowed_and_onto_itself_is_not()
    {
        await using var session = await Session.StartAsync();
        await session.OpenAsync(1, "folder", 0);
        Assert.Equal(MessageType.Rwalk, (await session.Peer.AskAsync(1, () => new Twalk { Fid = 1, NewFid = 2, Names = RawPeer.Names("inner") })).Type);
        Assert.Equal(Errno.EBUSY, await session.Peer.AskErrorAsync(1, () => new Twalk { Fid = 1, NewFid = 1, Names = RawPeer.Names("inner") }));
    }

    [Fact]
    public async Task A_fid_number_in_use_is_refused()
    {
        await using var session = await Session.StartAsync();
        await session.WalkAsync(1, "hello");
        Assert.Equal(Errno.EBADF, await session.Peer.AskErrorAsync(1, () => new Twalk { Fid = 0, NewFid = 1, Names = RawPeer.Names("folder") }));
        Assert.Equal(Errno.EBADF, await session.Peer.AskErrorAsync(1, () => new Tattach { Fid = 1, AuthFid = Protocol.NoFid, AccessName = "root"u8 }));
        Assert.Equal(Errno.EBADF, await session.Peer.AskErrorAsync(1, () => new Twalk { Fid = 0, NewFid = Protocol.NoFid }));
    }

    [Fact]
    public async Task A_walk_onto_its_own_fid_moves_it()
    {
        await using var session = await Session.StartAsync();
        await session.WalkAsync(1, "folder");
        Assert.Equal(MessageType.Rwalk, (await session.Peer.AskAsync(1, () => new Twalk { Fid = 1, NewFid = 1, Names = RawPeer.Names("inner") })).Type);
        await session.Peer.AskAsync(1, () => new Tlopen { Fid = 1 });
        Assert.Equal("inner\n", (await session.Peer.AskAsync(1, () => new Tread { Fid = 1, Count = 100 })).Data);
    }

    [Fact]
    public async Task More_elements_than_the_limit_are_refused()
    {
        await using var session = await Session.StartAsync(limits: NineLimits.Default with { Depth = 1 });
        Assert.Equal(Errno.ENAMETOOLONG, await session.Peer.AskErrorAsync(1, () => new Twalk { Fid = 0, NewFid = 7, Names = RawPeer.Names("folder", "deep") }));
    }

    [Fact]
    public async Task Opening_twice_is_refused_and_io_needs_the_right_open()
    {
        await using var session = await Session.StartAsync();
        await session.WalkAsync(1, "hello");
        Assert.Equal(Errno.EBADF, await session.Peer.AskErrorAsync(1, () => new Tread { Fid = 1, Count = 10 }));
        Assert.Equal(Errno.EBADF, await session.Peer.AskErrorAsync(1, () => new Twrite { Fid = 1, Data = "x"u8 }));
        await session.Peer.AskAsync(1, () => new Tlopen { Fid = 1 });
        Assert.Equal(Errno.EBUSY, await session.Peer.AskErrorAsync(1, () => new Tlopen { Fid = 1 }));
        Assert.Equal(Errno.EBADF, await session.Peer.AskErrorAsync(1, () => new Twrite { Fid = 1, Data = "x"u8 }));
        await session.OpenAsync(2, "hello", 1);
        Assert.Equal(Errno.EBADF, await session.Peer.AskErrorAsync(1, () => new Tread { Fid = 2, Count = 10 }));
        await session.OpenAsync(3, "folder", 0);
        Assert.Equal(Errno.EISDIR, await session.Peer.AskErrorAsync(1, () => new Tread { Fid = 3, Count = 10 }));
        await session.WalkAsync(4, "folder");
        Assert.Equal(Errno.EISDIR, await session.Peer.AskErrorAsync(1, () => new Tlopen { Fid = 4, Flags = 1 }));
    }

    [Fact]
    public async Task A_remove_clunks_even_when_it_fails()
    {
        await using var session = await Session.StartAsync();
        Assert.Equal(Errno.EBUSY, await session.Peer.AskErrorAsync(1, () => new Tremove { Fid = 0 }));
        Assert.Equal(Errno.EBADF, await session.Peer.AskErrorAsync(1, () => new Tgetattr { Fid = 0 }));
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task Remove_on_close_is_done_at_the_clunk_and_at_a_disconnect(bool disconnect)
    {
        await using var session = await Session.StartAsync(Dialect.NineP2000);
        await session.WalkAsync(1, "hello");
        await session.Peer.AskAsync(1, () => new Topen { Fid = 1, Mode = 0x40 });
        Assert.NotNull(session.Server.Tree.Root.Find("hello"));
        if (disconnect)
        {
            await session.Peer.CloseAsync();
            await session.Server.LastConnection;
        }
        else
        {
            Assert.Equal(MessageType.Rclunk, (await session.Peer.AskAsync(1, () => new Tclunk { Fid = 1 })).Type);
        }

        Assert.Null(session.Server.Tree.Root.Find("hello"));
        Assert.Equal(0, session.Server.Tree.Hello.Opens);
    }
}
