using System.Diagnostics;
using Pewter.Testing.Blocks;

namespace Pewter.Blocks.Tests.Iscsi;

/// <summary>Random and malformed traffic ends the connection it comes on, and nothing else.</summary>
public sealed class HostileInitiatorTests
{
    private static readonly byte[] Opcodes = [0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x10, 0x20, 0x3F];

    [Fact]
    [Trait("Category", "Soak")]
    public async Task Malformed_traffic_disturbs_no_other_session()
    {
        int seconds = Environment.GetEnvironmentVariable("PEWTER_SOAK") == "full" ? 300 : 4;
        var disk = new MemoryDisk(4 << 20);
        await using var target = new TargetFixture(device: disk);
        using var witness = new RawInitiator(target.Portal);
        witness.Login(isid: 0x80_0000_00FFFF);
        witness.ClearAttentions();
        int seed = Environment.TickCount;
        var random = new Random(seed);
        long start = Stopwatch.GetTimestamp();
        int attacks = 0;
        while (Stopwatch.GetElapsedTime(start).TotalSeconds < seconds)
        {
            Attack(target, random);
            attacks++;
            if (attacks % 20 == 0)
                ReadBack(witness, seed);
        }
        ReadBack(witness, seed);
        Assert.True(attacks > 50, $"only {attacks} attacks");
        Assert.Contains(target.Server.Sessions, s => s.Peers.Count == 1);
    }

    [Fact]
    public async Task A_peer_that_says_nothing_is_dropped_after_the_login_timeout()
    {
        await using var target = new TargetFixture(limits: new() { LoginTimeout = TimeSpan.FromMilliseconds(200) });
        using var silent = new RawInitiator(target.Portal);
        Assert.Null(silent.Receive());
    }

    [Fact]
    public async Task A_login_text_without_end_is_cut_off()
    {
        await using var target = new TargetFixture();
        using var hostile = new RawInitiator(target.Portal);
        for (int i = 0; i < 8; i++)
        {
            hostile.Send(RawInitiator.Pdu(0x43, 0x44, new string('x', 8000)));
            if (hostile.Receive() is null)
                return;
        }
        Assert.Fail("the target took 64 KB of login text");
    }

    [Fact]
    public async Task Connections_beyond_the_limit_are_refused()
    {
        await using var target = new TargetFixture(limits: new() { Connections = 2 });
        using var one = new RawInitiator(target.Portal);
        one.Login(isid: 1);
        using var two = new RawInitiator(target.Portal);
        two.Login(isid: 2);
        using var three = new RawInitiator(target.Portal);
        Assert.Null(three.Receive());
    }

    /// <summary>A connection that logs in, or not, and sends PDUs whose fields are partly random.</summary>
    private static void Attack(TargetFixture target, Random random)
    {
        using var hostile = new RawInitiator(target.Portal);
        try
        {
            if (random.Next(4) > 0)
                hostile.Login(isid: (ulong)random.Next(1, 1000));
            for (int i = random.Next(1, 30); i > 0; i--)
                hostile.Send(Mutate(hostile, random));
        }
        catch (Exception end) when (end is System.Net.Sockets.SocketException or EndOfStreamException)
        {
            // The target has cut it off, as it may at any time.
        }
    }

    private static byte[] Mutate(RawInitiator hostile, Random random)
    {
        byte[] data = new byte[random.Next(3) == 0 ? random.Next(9000) : 0];
        random.NextBytes(data);
        byte opcode = (byte)(Opcodes[random.Next(Opcodes.Length)] | (random.Next(2) * 0x40));
        byte[] pdu = RawInitiator.Pdu(opcode, (byte)random.Next(256), data, bytes =>
        {
            RawInitiator.U32(bytes, 16, (uint)random.Next(4));
            RawInitiator.U32(bytes, 20, random.Next(2) == 0 ? 0xFFFFFFFF : (uint)random.Next(100_000));
            RawInitiator.U32(bytes, 24, hostile.CmdSn++);
            RawInitiator.U32(bytes, 40, (uint)random.Next(3) * 512);
        });
        if ((opcode & 0x3F) == 1)
            Fill(pdu, random);
        for (int i = random.Next(4); i > 0; i--)
            pdu[random.Next(pdu.Length)] = (byte)random.Next(256);
        // TARGET COLD RESET ends everyone's sessions, by whoever may use the target: it is made another reset.
        if ((pdu[0] & 0x3F) == 2 && (pdu[1] & 0x7F) == 7)
            pdu[1] = 0x86;
        return random.Next(50) == 0 ? pdu[..random.Next(pdu.Length)] : pdu;
    }

    /// <summary>
    /// A CDB of a known command with random arguments; never one that would change what the witness reads.
    /// </summary>
    private static void Fill(byte[] pdu, Random random)
    {
        byte[] opcodes = [0x00, 0x03, 0x08, 0x12, 0x1A, 0x25, 0x28, 0x2F, 0x37, 0x5E, 0x88, 0x8F, 0x9E, 0xA0, 0xA3, 0xA8];
        random.NextBytes(pdu.AsSpan(32, 16));
        pdu[32] = opcodes[random.Next(opcodes.Length)];
        if (random.Next(2) == 0)
            pdu.AsSpan(33, 5).Clear();
        pdu.AsSpan(8, 8).Clear();
    }

    private static void ReadBack(RawInitiator witness, int seed)
    {
        for (int attempt = 0; ; attempt++)
        {
            witness.Send(witness.Command([0x28, 0, 0, 0, 0x10, 0, 0, 0, 8, 0], 0xC0, 4096));
            byte[]? answer = witness.Receive();
            Assert.True(answer is not null, $"the witness was cut off (seed {seed})");
            // Another initiator's task management and mode changes raise unit attentions, as they should.
            if (answer[0] == 0x25 || attempt > 20)
            {
                Assert.True(answer[0] == 0x25, $"the witness cannot read (seed {seed})");
                return;
            }
        }
    }
}
