using Pewter.NineP.Tests.Sample;
using Pewter.NineP.Wire;

namespace Pewter.NineP.Tests.Server;

public sealed class IoTests
{
    [Theory, InlineData(0u), InlineData(1u), InlineData(5u), InlineData(100u), InlineData(uint.MaxValue), InlineData(uint.MaxValue - 23)]
    public async Task A_read_never_gives_more_than_asked_nor_than_fits(uint count)
    {
        await using var session = await Session.StartAsync();
        session.Server.Tree.Root.Add("big", new SampleText(new byte[200_000]));
        await session.OpenAsync(1, "big", 0);

        var reply = await session.Peer.AskAsync(1, () => new Tread { Fid = 1, Count = count });

        Assert.Equal(MessageType.Rread, reply.Type);
        Assert.Equal(Math.Min(count, 65536 - 24), BitConverter.ToUInt32(reply.Body));
    }

    [Fact]
    public async Task Huge_offsets_are_refused_or_at_the_end()
    {
        await using var session = await Session.StartAsync();
        await session.OpenAsync(1, "hello", 2);
        Assert.Equal("", (await session.Peer.AskAsync(1, () => new Tread { Fid = 1, Offset = 1ul << 40, Count = 9 })).Data);
        Assert.Equal(Errno.EOVERFLOW, await session.Peer.AskErrorAsync(1, () => new Tread { Fid = 1, Offset = ulong.MaxValue, Count = 9 }));
        Assert.Equal(Errno.EFBIG, await session.Peer.AskErrorAsync(1, () => new Twrite { Fid = 1, Offset = ulong.MaxValue, Data = "x"u8 }));
        Assert.Equal(Errno.EFBIG, await session.Peer.AskErrorAsync(1, () => new Twrite { Fid = 1, Offset = 1ul << 40, Data = "x"u8 }));
    }

    [Fact]
    public async Task A_Tfsync_with_and_without_datasync_is_answered()
    {
        await using var session = await Session.StartAsync();
        await session.OpenAsync(1, "hello", 0);
        Assert.Equal(MessageType.Rfsync, (await session.Peer.AskAsync(1, () => new Tfsync { Fid = 1 })).Type);
        await session.Peer.SendAsync(11, 0, 0, 0, 50, 1, 0, 1, 0, 0, 0);
        Assert.Equal(MessageType.Rfsync, (await session.Peer.ReceiveAsync()).Type);
    }

    [Fact]
    public async Task The_truncation_of_echo_succeeds_on_a_stream_and_other_changes_do_not()
    {
        await using var session = await Session.StartAsync();
        await session.OpenAsync(1, "stream", 1);
        Assert.Equal(MessageType.Rsetattr, (await session.Peer.AskAsync(1, () => new Tsetattr { Fid = 1, Valid = 0x8 | 0x40 | 0x20 })).Type);
        Assert.Equal(Errno.EPERM, await session.Peer.AskErrorAsync(1, () => new Tsetattr { Fid = 1, Valid = 1, Mode = 0x1FF }));
    }

    [Fact]
    public async Task A_file_system_and_attributes_are_described()
    {
        await using var session = await Session.StartAsync();
        Assert.Equal(MessageType.Rstatfs, (await session.Peer.AskAsync(1, () => new Tstatfs { Fid = 0 })).Type);
        var reply = await session.Peer.AskAsync(1, () => new Tgetattr { Fid = 0, Mask = ulong.MaxValue });
        Assert.Equal((MessageType.Rgetattr, 0x7FFul), (reply.Type, BitConverter.ToUInt64(reply.Body)));
    }

    [Fact]
    public async Task Directory_entries_come_whole_and_stay_stable_under_churn()
    {
        await using var session = await Session.StartAsync();
        var deep = session.Server.Tree.Deep;
        for (var i = 0; i < 200; i++)
            deep.Add($"stays-{i}", new SampleText(""));
        await session.WalkAsync(1, "folder", "deep");
        await session.Peer.AskAsync(1, () => new Tlopen { Fid = 1 });
        var seen = new List<string>();
        ulong cookie = 0;
        for (var round = 0; ; round++)
        {
            var coming = round < 60 ? deep.Add($"comes-{round}", new SampleText("")) : null;
            var at = cookie;
            var reply = await session.Peer.AskAsync(1, () => new Treaddir { Fid = 1, Offset = at, Count = 150 });
            if (coming is not null)
                deep.Take(coming);
            Assert.Equal(MessageType.Rreaddir, reply.Type);
            if (Parse(reply.Body, seen, ref cookie) == 0)
                break;
        }

        Assert.Equal(Enumerable.Range(0, 200).Select(i => $"stays-{i}"), seen.Where(name => name.StartsWith("stays", StringComparison.Ordinal)));
        Assert.Equal(Errno.EINVAL, await session.Peer.AskErrorAsync(1, () => new Treaddir { Fid = 1, Count = 20 }));
    }

    [Fact]
    public async Task A_9P2000_directory_is_read_on_or_from_its_start_only()
    {
        await using var session = await Session.StartAsync(Dialect.NineP2000);
        await session.Peer.AskAsync(1, () => new Topen { Fid = 0 });
        var first = BitConverter.ToUInt32((await session.Peer.AskAsync(1, () => new Tread { Fid = 0, Count = 150 })).Body);
        Assert.InRange(first, 60u, 150u);
        Assert.Equal(Errno.EINVAL, await session.Peer.AskErrorAsync(1, () => new Tread { Fid = 0, Offset = 1, Count = 150 }));
        Assert.Equal(MessageType.Rread, (await session.Peer.AskAsync(1, () => new Tread { Fid = 0, Offset = first, Count = 150 })).Type);
        Assert.Equal(first, BitConverter.ToUInt32((await session.Peer.AskAsync(1, () => new Tread { Fid = 0, Count = 150 })).Body));
        Assert.Equal(Errno.EINVAL, await session.Peer.AskErrorAsync(1, () => new Tread { Fid = 0, Count = 20 }));
    }

    [Fact]
    public async Task With_stream_the_continuation_of_a_short_read_ends_it()
    {
        await using var session = await Session.StartAsync(accessName: "root,stream=1");
        await session.OpenAsync(1, "stream", 0);
        session.Server.Tree.Stream.Push("line 1\n"u8);
        Assert.Equal("line 1\n", (await session.Peer.AskAsync(1, () => new Tread { Fid = 1, Count = 100 })).Data);
        Assert.Equal("", (await session.Peer.AskAsync(1, () => new Tread { Fid = 1, Offset = 7, Count = 93 })).Data);

        session.Peer.Add(2, new Tread { Fid = 1, Offset = 7, Count = 100 });
        await session.Peer.FlushAsync();
        Assert.True(await session.Peer.IsQuietAsync());
        session.Server.Tree.Stream.Push("line 2\n"u8);
        Assert.Equal("line 2\n", (await session.Peer.ReceiveAsync()).Data);
    }

    [Fact]
    public async Task Without_stream_a_continuation_waits_as_any_read()
    {
        await using var session = await Session.StartAsync();
        await session.OpenAsync(1, "stream", 0);
        session.Server.Tree.Stream.Push("line 1\n"u8);
        await session.Peer.AskAsync(1, () => new Tread { Fid = 1, Count = 100 });
        session.Peer.Add(2, new Tread { Fid = 1, Offset = 7, Count = 93 });
        await session.Peer.FlushAsync();
        Assert.True(await session.Peer.IsQuietAsync());
    }

    [Fact]
    public async Task Waiting_reads_get_smaller_buffers_as_memory_fills()
    {
        var limits = Pewter.NineP.Server.NineLimits.Default with { WaitingBytes = 64 * 1024 };
        await using var session = await Session.StartAsync(limits: limits);
        await session.OpenAsync(1, "stream", 0);
        for (ushort tag = 2; tag < 30; tag++)
            session.Peer.Add(tag, new Tread { Fid = 1, Count = 60_000 });
        await session.Peer.FlushAsync();
        await Eventually.Async(() => session.Server.Tree.Stream.Readers == 28);
        session.Server.Tree.Stream.Push(new byte[100_000]);
        var sizes = new List<uint>();
        for (var total = 0u; total < 100_000; total += sizes[^1])
            sizes.Add(BitConverter.ToUInt32((await session.Peer.ReceiveAsync()).Body));
        Assert.All(sizes, size => Assert.InRange(size, 1u, 16u * 1024));
    }

    private static int Parse(byte[] body, List<string> names, ref ulong cookie)
    {
        var reader = new MessageReader(body.AsSpan(4), Dialect.NineP2000L);
        var count = 0;
        while (reader.HasMore)
        {
            reader.ReadQid();
            cookie = reader.ReadUInt64();
            reader.ReadByte();
            names.Add(System.Text.Encoding.UTF8.GetString(reader.ReadText()));
            count++;
        }

        Assert.True(reader.IsComplete);
        return count;
    }
}
