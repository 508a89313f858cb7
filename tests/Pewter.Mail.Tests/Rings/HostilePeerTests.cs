using System.Runtime.CompilerServices;

namespace Pewter.Mail.Tests.Rings;

/// <summary>
/// A peer that has the segment mapped and writes whatever it likes into it: the other side loses the link, and nothing
/// else.
/// </summary>
public sealed class HostilePeerTests
{
    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(-1)]
    [InlineData(RingLayout.RingBytes + 16)]
    [InlineData(8)]
    public async Task A_tail_that_cannot_be_ends_the_link(long tail)
    {
        await using var pair = new RingPair();
        using var map = pair.Map();
        new RingDirection(map, 1).Tail = tail;
        await UntilLost(pair);
    }

    [Theory]
    [InlineData(0, 0, 0, -1L)]
    [InlineData(int.MaxValue, 0, 0, -1L)]
    [InlineData(-80, 0, 0, -1L)]
    [InlineData(96, int.MaxValue, 0, -1L)]
    [InlineData(96, -2, 0, -1L)]
    [InlineData(96, 0, int.MaxValue, -1L)]
    [InlineData(80, 0, -1, -1L)]
    [InlineData(80, 0, 100, long.MaxValue)]
    [InlineData(80, 0, 5_000_000, 0L)]
    [InlineData(80, 0, 100, (long)RingLayout.AreaBytes)]
    [InlineData(80, 0, 0, -1L)]
    public async Task A_record_that_cannot_be_ends_the_link(int size, int slot, int length, long outside)
    {
        await using var pair = new RingPair();
        using var map = pair.Map();
        Write(new RingDirection(map, 1), size, slot, new FrameHeader { BodyLength = length, Kind = FrameKind.None, Sequence = 1 }, outside);
        await UntilLost(pair);
    }

    [Fact]
    public async Task Nobody_speaks_for_another_process()
    {
        await using var pair = new RingPair();
        using var map = pair.Map();
        var box = pair.A.Open();
        var header = new FrameHeader { Kind = FrameKind.Data, From = pair.A.Address with { Port = 3 }, To = box.Address, Sequence = (1UL << 40) | 1 };
        Write(new RingDirection(map, 1), RingLayout.Overhead, 0, header, -1);
        await UntilLost(pair);
        Assert.False(box.TryReceive(out _));
    }

    [Fact]
    public async Task A_head_that_cannot_be_ends_the_link_and_what_was_sent_comes_back()
    {
        await using var pair = new RingPair();
        using var map = pair.Map();
        var (sender, box) = (pair.A.Open(), pair.B.Open());
        new RingDirection(map, 0).Head = long.MaxValue;
        var sent = 0;
        pair.RingOfB.Close();
        while (!pair.RingOfA.Route.HasUnsent && sent++ < 100_000 && sender.TrySend(box.Address, new byte[4000]) == RejectReason.None)
            box = sent % 60 == 0 ? pair.B.Open() : box;
        await UntilLost(pair);
        Assert.True(sender.TryReceive(out var back));
        Assert.Equal(MessageKind.Rejected, back.Kind);
    }

    [Fact]
    public async Task A_board_full_of_lies_frees_nothing_that_was_not_sent()
    {
        await using var pair = new RingPair();
        using var map = pair.Map();
        var (sender, box) = (pair.A.Open(), pair.B.Open());
        for (var i = 0; i < RingLayout.Slots; i++)
            new RingDirection(map, 0).Board(i) = ulong.MaxValue - 7;
        for (var i = 0; i < 1000; i++)
            sender.Send(box.Address, new byte[64]);
        for (var i = 0; i < 1000; i++)
            Assert.True(box.Receive(out _, TimeSpan.FromSeconds(60)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Random_bytes_anywhere_neither_crash_nor_hang(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 30; round++)
        {
            await using var pair = new RingPair();
            using var map = pair.Map();
            var (sender, box) = (pair.A.Open(), pair.B.Open());
            Scribble(map, random);
            for (var i = 0; i < 200; i++)
                sender.TrySend(box.Address, new byte[random.Next(20_000)]);
            pair.B.Open().TrySend(sender.Address, [1]);
            Scribble(map, random);
            while (sender.Receive(out _, TimeSpan.Zero))
            {
            }
        }
    }

    private static unsafe void Scribble(Pewter.Linux.Memory.MemoryMap map, Random random)
    {
        for (var i = 0; i < 50; i++)
        {
            var direction = map.Start + (random.Next(2) * (RingLayout.DirectionBytes + (long)RingLayout.RingBytes));
            var at = random.Next(4) == 0 ? random.Next(6) * 128 : random.Next(RingLayout.Page + RingLayout.BoardBytes + 4096);
            random.NextBytes(new Span<byte>(direction + at, random.Next(1, 16)));
        }
    }

    private static unsafe void Write(RingDirection direction, int size, int slot, FrameHeader header, long outside)
    {
        var at = direction.Ring + direction.Tail % RingLayout.RingBytes;
        Unsafe.WriteUnaligned(at, size);
        Unsafe.WriteUnaligned(at + 4, slot);
        Unsafe.WriteUnaligned(at + 8, outside);
        Unsafe.WriteUnaligned(at + RingLayout.Prefix, header);
        Volatile.Write(ref direction.Tail, direction.Tail + RingLayout.Overhead + 16);
        Interlocked.MemoryBarrier();
        direction.Wake();
    }

    private static async Task UntilLost(RingPair pair)
    {
        for (var i = 0; i < 6000 && pair.A.TransportTo(pair.B.Address) == MailTransport.SharedMemory; i++)
            await Task.Delay(10);
        Assert.Equal(MailTransport.Unknown, pair.A.TransportTo(pair.B.Address));
    }
}
