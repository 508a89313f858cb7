using System.Buffers.Binary;
using Pewter.Blocks.Iscsi;
using Pewter.Testing;
using Pewter.Testing.Blocks;

namespace Pewter.Blocks.Tests.Iscsi;

/// <summary>Sessions on the wire, PDU by PDU: what the tools of libiscsi do not do.</summary>
public sealed class SessionTests
{
    private static readonly byte[] Write8Blocks = [0x2A, 0, 0, 0, 0, 0, 0, 0, 8, 0];

    [Fact]
    public async Task The_same_initiator_port_logging_in_again_ends_the_old_session()
    {
        await using var target = new TargetFixture();
        using var first = new RawInitiator(target.Portal);
        first.Login();
        using var second = new RawInitiator(target.Portal);
        Assert.Equal(0, second.Login()[36]);
        Assert.Null(first.Receive());
        Assert.Single(target.Server.Sessions);
    }

    [Fact]
    public async Task Two_connections_of_a_session_run_commands_in_the_order_of_their_numbers()
    {
        await using var target = new TargetFixture();
        using var first = new RawInitiator(target.Portal);
        first.Login();
        first.ClearAttentions();
        using var second = new RawInitiator(target.Portal);
        Assert.Equal(0, second.Login(keys: "HeaderDigest=None\0DataDigest=None\0", tsih: first.Tsih, cid: 1)[36]);
        uint number = first.CmdSn;
        second.CmdSn = number + 1;
        second.Send(second.Command([0, 0, 0, 0, 0, 0], 0x80, 0));
        await Task.Delay(100);
        first.Send(first.Command([0, 0, 0, 0, 0, 0], 0x80, 0));
        Assert.Equal(number, BinaryPrimitives.ReadUInt32BigEndian(first.Receive().AsSpan(16)));
        Assert.Equal(number + 1, BinaryPrimitives.ReadUInt32BigEndian(second.Receive().AsSpan(16)));
        Assert.Equal(2, Assert.Single(target.Server.Sessions).Peers.Count);
    }

    [Fact]
    public async Task A_session_takes_no_more_connections_than_agreed()
    {
        await using var target = new TargetFixture();
        using var first = new RawInitiator(target.Portal);
        first.Login("MaxConnections=1\0");
        using var second = new RawInitiator(target.Portal);
        byte[] refused = second.Login(keys: "", tsih: first.Tsih, cid: 1);
        Assert.Equal([0x02, 0x06], refused[36..38]);
    }

    [Fact]
    public async Task A_write_by_R2T_lands_whole()
    {
        await using var target = new TargetFixture();
        using var initiator = new RawInitiator(target.Portal);
        initiator.Login("InitialR2T=Yes\0ImmediateData=No\0MaxBurstLength=2048\0FirstBurstLength=2048\0");
        initiator.ClearAttentions();
        byte[] data = new byte[4096];
        new Random(3).NextBytes(data);
        initiator.Send(initiator.Command(Write8Blocks, 0xA0, 4096));
        for (int burst = 0; burst < 2; burst++)
        {
            byte[] r2t = initiator.Receive()!;
            Assert.Equal(0x31, r2t[0]);
            Assert.Equal(2048u, BinaryPrimitives.ReadUInt32BigEndian(r2t.AsSpan(44)));
            for (int piece = 0; piece < 2; piece++)
                initiator.Send(DataOut(r2t, data, burst * 2048 + piece * 1024, 1024, (uint)piece, final: piece == 1));
        }
        Assert.Equal(0, initiator.Receive()![3]);
        byte[] read = new byte[4096];
        target.Disk.TryRead(0, read);
        Assert.Equal(data, read);
    }

    [Fact]
    public async Task Digests_are_checked_and_made()
    {
        await using var target = new TargetFixture();
        ShellResult result = await Shell.RunAsync("command -v iscsi-inq");
        if (result.ExitCode != 0)
            Assert.Skip("skipped, because iscsi-inq is not installed");
        result = await Shell.RunAsync($"timeout 20 iscsi-inq '{target.Url}?header_digest=crc32c&data_digest=crc32c'");
        Assert.Contains("PEWTER", result.Output);
        using var wrong = new RawInitiator(target.Portal);
        wrong.Login("HeaderDigest=CRC32C\0DataDigest=None\0");
        wrong.Send([.. wrong.Command([0, 0, 0, 0, 0, 0], 0x80, 0), 1, 2, 3, 4]);
        Assert.Null(wrong.Receive());
        Assert.Contains(target.Events, e => e.Kind == IscsiEventKind.ProtocolError && e.Message.Contains("header digest"));
    }

    [Fact]
    public async Task Abort_task_ends_a_write_that_waits_for_its_data()
    {
        await using var target = new TargetFixture();
        using var initiator = new RawInitiator(target.Portal);
        initiator.Login("InitialR2T=Yes\0ImmediateData=No\0");
        initiator.ClearAttentions();
        initiator.Send(initiator.Command(Write8Blocks, 0xA0, 4096, tag: 77));
        byte[] r2t = initiator.Receive()!;
        initiator.Send(Management(1, initiator.CmdSn, referenced: 77));
        byte[] answer = initiator.Receive()!;
        Assert.Equal([0x22, 0x80, 0], answer[..3]);
        initiator.Send(DataOut(r2t, new byte[4096], 0, 4096, 0, final: true));
        initiator.ClearAttentions();
        initiator.Send(Management(1, initiator.CmdSn, referenced: 77));
        Assert.Equal(1, initiator.Receive()![2]);
    }

    [Fact]
    public async Task A_task_at_the_device_is_over_before_its_abort_is_answered()
    {
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var disk = new MemoryDisk(1 << 20);
        await using var target = new TargetFixture(device: disk);
        using var initiator = new RawInitiator(target.Portal);
        initiator.Login();
        initiator.ClearAttentions();
        disk.Delay = () => release.Task;
        initiator.Send(initiator.Command(Write8Blocks, 0xA0, 4096, new byte[4096], tag: 5));
        initiator.Send(Management(2, initiator.CmdSn, referenced: 0xFFFFFFFF));
        initiator.Send(RawInitiator.Pdu(0x40, 0x80, "still there", pdu =>
        {
            RawInitiator.U32(pdu, 16, 9);
            RawInitiator.U32(pdu, 20, 0xFFFFFFFF);
            RawInitiator.U32(pdu, 24, initiator.CmdSn);
        }));
        Assert.Equal(0x20, initiator.Receive()![0]);
        release.SetResult();
        Assert.Equal([0x22, 0x80, 0], initiator.Receive()![..3]);
    }

    [Fact]
    public async Task A_failing_device_gives_sense_data_and_the_session_goes_on()
    {
        var disk = new MemoryDisk(1 << 20);
        await using var target = new TargetFixture(device: disk);
        using var initiator = new RawInitiator(target.Portal);
        initiator.Login();
        initiator.ClearAttentions();
        disk.Errno = BlockErrno.ENOSPC;
        initiator.Send(initiator.Command(Write8Blocks, 0xA0, 4096, new byte[4096]));
        byte[] full = initiator.Receive()!;
        Assert.Equal([0x02, 0x07], [full[3], full[RawInitiator.Header + 4]]);
        disk.Errno = BlockErrno.EIO;
        initiator.Send(initiator.Command([0x28, 0, 0, 0, 0, 0, 0, 0, 1, 0], 0xC0, 512));
        byte[] broken = initiator.Receive()!;
        Assert.Equal([0x02, 0x03], [broken[3], broken[RawInitiator.Header + 4]]);
        disk.Errno = 0;
        initiator.ClearAttentions();
    }

    [Fact]
    public async Task A_read_past_the_end_is_an_illegal_request()
    {
        await using var target = new TargetFixture();
        using var initiator = new RawInitiator(target.Portal);
        initiator.Login();
        initiator.ClearAttentions();
        initiator.Send(initiator.Command([0x28, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 1, 0], 0xC0, 512));
        byte[] response = initiator.Receive()!;
        Assert.Equal(0x2100, BinaryPrimitives.ReadUInt16BigEndian(response.AsSpan(RawInitiator.Header + 2 + 12)));
    }

    [Fact]
    public async Task Growing_a_disk_is_told_by_unit_attention()
    {
        var disk = new MemoryDisk(1 << 20);
        await using var target = new TargetFixture(device: disk);
        using var initiator = new RawInitiator(target.Portal);
        initiator.Login();
        initiator.ClearAttentions();
        disk.Resize(2 << 20);
        initiator.Send(initiator.Command([0, 0, 0, 0, 0, 0], 0x80, 0));
        Assert.Equal(0x2A09, BinaryPrimitives.ReadUInt16BigEndian(initiator.Receive().AsSpan(RawInitiator.Header + 2 + 12)));
        initiator.Send(initiator.Command([0x25, 0, 0, 0, 0, 0, 0, 0, 0, 0], 0xC0, 8));
        Assert.Equal(4095u, BinaryPrimitives.ReadUInt32BigEndian(initiator.Receive().AsSpan(RawInitiator.Header)));
    }

    [Fact]
    public async Task A_withdrawn_target_ends_its_sessions_and_is_not_found_again()
    {
        await using var target = new TargetFixture();
        using var initiator = new RawInitiator(target.Portal);
        initiator.Login();
        Assert.True(await target.Server.WithdrawAsync(TargetFixture.TargetName));
        Assert.Null(initiator.Receive());
        using var late = new RawInitiator(target.Portal);
        Assert.Equal([0x02, 0x03], late.Login()[36..38]);
    }

    [Fact]
    public async Task Shutting_down_says_so_first()
    {
        var target = new TargetFixture();
        using var initiator = new RawInitiator(target.Portal);
        initiator.Login();
        initiator.ClearAttentions();
        await target.DisposeAsync();
        byte[] message = initiator.Receive()!;
        Assert.Equal([0x32, 3], [message[0], message[36]]);
        Assert.Null(initiator.Receive());
    }

    [Fact]
    public async Task An_initiator_reconnects_after_a_restart_and_finds_what_it_wrote()
    {
        var disk = new MemoryDisk(16 << 20);
        var target = new TargetFixture(device: disk);
        int port = target.Portal.Port;
        using var client = Shell.Start(
            "(echo 'write -P 0x77 0 1M'; echo flush; sleep 2; echo 'read -P 0x77 0 1M'; echo 'write -P 0x78 1M 1M'; echo quit)"
            + $" | timeout 30 qemu-io -f raw '{target.Url}'");
        await Until.TrueAsync(() => disk.Flushes > 0, "qemu-io flushes");
        await target.DisposeAsync();
        await using var again = new TargetFixture(device: disk, port: port);
        string output = await client.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await client.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Contains("read 1048576/1048576", output);
        Assert.DoesNotContain("verification failed", output);
        byte[] written = new byte[1 << 20];
        disk.TryRead(1 << 20, written);
        Assert.Equal(-1, written.AsSpan().IndexOfAnyExcept((byte)0x78));
    }

    private static byte[] DataOut(byte[] r2t, byte[] data, int offset, int length, uint dataSn, bool final) =>
        RawInitiator.Pdu(0x05, final ? (byte)0x80 : (byte)0, data[offset..(offset + length)], pdu =>
        {
            r2t.AsSpan(16, 8).CopyTo(pdu.AsSpan(16));
            RawInitiator.U32(pdu, 36, dataSn);
            RawInitiator.U32(pdu, 40, (uint)offset);
        });

    private static byte[] Management(byte function, uint cmdSn, uint referenced) =>
        RawInitiator.Pdu(0x42, (byte)(0x80 | function), "", pdu =>
        {
            RawInitiator.U32(pdu, 16, 0x1000);
            RawInitiator.U32(pdu, 20, referenced);
            RawInitiator.U32(pdu, 24, cmdSn);
        });
}
