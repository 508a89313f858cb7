using System.Buffers.Binary;
using Pewter.Testing.Blocks;

namespace Pewter.Blocks.Tests.Iscsi;

/// <summary>In steady state a READ or a WRITE allocates no managed memory.</summary>
[Collection(nameof(AllocationTests))]
[CollectionDefinition(nameof(AllocationTests), DisableParallelization = true)]
public sealed class AllocationTests
{
    private const int Depth = 32, Rounds = 400, Block = 4096;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Reads_and_writes_allocate_nothing(bool writes)
    {
        await using var target = new TargetFixture(device: new MemoryDisk(4 << 20));
        using var initiator = new RawInitiator(target.Portal);
        initiator.Login();
        initiator.ClearAttentions();
        byte[] cdb = [writes ? (byte)0x2A : (byte)0x28, 0, 0, 0, 0, 0, 0, 0, 8, 0];
        byte[] one = initiator.Command(cdb, writes ? (byte)0xA0 : (byte)0xC0, Block, writes ? new byte[Block] : null);
        byte[] batch = [.. Enumerable.Repeat(one, Depth).SelectMany(b => b)];
        byte[] answers = new byte[Depth * (RawInitiator.Header + (writes ? 0 : Block))];
        uint number = initiator.CmdSn - 1;
        Run(initiator, batch, one.Length, answers, ref number, Rounds);
        long before = GC.GetTotalAllocatedBytes(precise: true);
        Run(initiator, batch, one.Length, answers, ref number, Rounds);
        long bytes = GC.GetTotalAllocatedBytes(precise: true) - before;
        // The runtime's own threads allocate a little now and then; one object an operation would be 300 KiB or more.
        Assert.True(bytes < 32 * 1024, $"{bytes} bytes for {Rounds * Depth} operations");
    }

    private static void Run(RawInitiator initiator, byte[] batch, int each, byte[] answers, ref uint number, int rounds)
    {
        for (int round = 0; round < rounds; round++)
        {
            for (int i = 0; i < Depth; i++)
            {
                BinaryPrimitives.WriteUInt32BigEndian(batch.AsSpan(i * each + 16), number);
                BinaryPrimitives.WriteUInt32BigEndian(batch.AsSpan(i * each + 24), number++);
            }
            initiator.Send(batch);
            initiator.Fill(answers);
            // Assert.Equal would box.
            if (answers[3] != 0)
                Assert.Fail($"status {answers[3]:x2}");
        }
    }
}
