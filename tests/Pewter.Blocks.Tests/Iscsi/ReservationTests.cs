using System.Buffers.Binary;
using Pewter.Blocks.Layers;
using Pewter.Blocks.Tests.Layers;

namespace Pewter.Blocks.Tests.Iscsi;

/// <summary>What becomes of reservations when the target restarts.</summary>
public sealed class ReservationTests
{
    private const byte Register = 0, Reserve = 1, Clear = 3, WriteExclusive = 1;
    private const ulong Key = 0x1122334455667788, FirstIsid = 0x80_0000_000001, SecondIsid = 0x80_0000_000002;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_persistent_reservation_outlives_the_target_where_that_was_asked_for(bool survives)
    {
        await using TemporaryStore t = await TemporaryStore.OpenAsync();
        DiskInfo disk = await t.Store.CreateDiskAsync(1 << 20);
        await using (TargetFixture target = Serve(t, disk))
        {
            using RawInitiator first = LogIn(target, FirstIsid);
            Assert.Equal(0, Out(first, Register, 0, 0, Key, survives));
            Assert.Equal(0, Out(first, Reserve, WriteExclusive, Key, 0));
        }

        await t.ReopenAsync();
        await using (TargetFixture target = Serve(t, disk))
        {
            using RawInitiator second = LogIn(target, SecondIsid);
            const int Conflict = 0x18;
            Assert.Equal(survives ? Conflict : 0, Write(second));
            using RawInitiator first = LogIn(target, FirstIsid);
            Assert.Equal(survives ? Key : 0UL, FirstKey(first));
            if (!survives)
                return;
            Assert.Equal(0, Write(first));
            Assert.Equal(0, Out(first, Clear, 0, Key, 0));
            second.ClearAttentions();
            Assert.Equal(0, Write(second));
        }

        await t.ReopenAsync();
        await using TargetFixture last = Serve(t, disk);
        using RawInitiator again = LogIn(last, FirstIsid);
        Assert.Equal(0UL, FirstKey(again));
    }

    [Fact]
    public async Task A_plain_reservation_ends_with_the_target_and_a_unit_attention_tells()
    {
        await using TemporaryStore t = await TemporaryStore.OpenAsync();
        DiskInfo disk = await t.Store.CreateDiskAsync(1 << 20);
        await using (TargetFixture target = Serve(t, disk))
        {
            using RawInitiator first = LogIn(target, FirstIsid);
            using RawInitiator second = LogIn(target, SecondIsid);
            first.Send(first.Command([0x16, 0, 0, 0, 0, 0], 0x80, 0));
            Assert.Equal(0, first.Receive()![3]);
            Assert.Equal(0x18, Write(second));
        }

        await t.ReopenAsync();
        await using TargetFixture restarted = Serve(t, disk);
        using var back = new RawInitiator(restarted.Portal);
        back.Login(isid: FirstIsid);
        back.Send(back.Command([0, 0, 0, 0, 0, 0], 0x80, 0));
        byte[] answer = back.Receive()!;
        Assert.Equal(2, answer[3]);
        // Sense data begins after a length of two bytes: UNIT ATTENTION, POWER ON OCCURRED.
        Assert.Equal([6, 0x29, 0x00], [answer[RawInitiator.Header + 2 + 2] & 0xF, answer[RawInitiator.Header + 2 + 12], answer[RawInitiator.Header + 2 + 13]]);
        using RawInitiator other = LogIn(restarted, SecondIsid);
        Assert.Equal(0, Write(other));
    }

    [Fact]
    public async Task Reservations_that_cannot_be_read_are_told_and_not_guessed()
    {
        await using TemporaryStore t = await TemporaryStore.OpenAsync();
        DiskInfo disk = await t.Store.CreateDiskAsync(1 << 20);
        await File.WriteAllBytesAsync(Path.Join(t.Path, $"{disk.Id}.state"), "damaged"u8.ToArray());
        BlockException error = Assert.Throws<BlockException>(() => Serve(t, disk));
        Assert.Contains(disk.Id, error.Message);
    }

    [Fact]
    public async Task What_is_kept_beside_a_disk_goes_with_it()
    {
        await using TemporaryStore t = await TemporaryStore.OpenAsync();
        DiskInfo disk = await t.Store.CreateDiskAsync(1 << 20);
        await using (LayeredDevice device = t.Store.OpenDisk(disk.Id))
            device.Kept!.Write("x"u8);
        Assert.True(File.Exists(Path.Join(t.Path, $"{disk.Id}.state")));
        await t.Store.DeleteDiskAsync(disk.Id);
        Assert.False(File.Exists(Path.Join(t.Path, $"{disk.Id}.state")));
        await File.WriteAllTextAsync(Path.Join(t.Path, "d77.state"), "of nobody");
        await t.ReopenAsync();
        Assert.False(File.Exists(Path.Join(t.Path, "d77.state")));
    }

    private static TargetFixture Serve(TemporaryStore t, DiskInfo disk) => new(device: t.Store.OpenDisk(disk.Id));

    private static RawInitiator LogIn(TargetFixture target, ulong isid)
    {
        var initiator = new RawInitiator(target.Portal);
        initiator.Login(isid: isid);
        initiator.ClearAttentions();
        return initiator;
    }

    private static byte Out(RawInitiator initiator, byte action, byte type, ulong key, ulong actionKey, bool survives = false)
    {
        var list = new byte[24];
        BinaryPrimitives.WriteUInt64BigEndian(list, key);
        BinaryPrimitives.WriteUInt64BigEndian(list.AsSpan(8), actionKey);
        list[20] = survives ? (byte)1 : (byte)0;
        initiator.Send(initiator.Command([0x5F, action, type, 0, 0, 0, 0, 0, 24, 0], 0xA0, 24, list));
        return initiator.Receive()![3];
    }

    private static byte Write(RawInitiator initiator)
    {
        initiator.Send(initiator.Command([0x2A, 0, 0, 0, 0, 0, 0, 0, 1, 0], 0xA0, 512, new byte[512]));
        return initiator.Receive()![3];
    }

    private static ulong FirstKey(RawInitiator initiator)
    {
        initiator.Send(initiator.Command([0x5E, 0, 0, 0, 0, 0, 0, 0, 64, 0], 0xC0, 64));
        byte[] data = initiator.Receive()!;
        bool any = BinaryPrimitives.ReadInt32BigEndian(data.AsSpan(RawInitiator.Header + 4)) > 0;
        return any ? BinaryPrimitives.ReadUInt64BigEndian(data.AsSpan(RawInitiator.Header + 8)) : 0;
    }
}
