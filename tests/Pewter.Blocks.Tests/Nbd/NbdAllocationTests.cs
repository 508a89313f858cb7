using System.Buffers.Binary;
using Pewter.Blocks.Layers;
using Pewter.Blocks.Tests.Iscsi;
using Pewter.Blocks.Tests.Layers;

namespace Pewter.Blocks.Tests.Nbd;

/// <summary>In steady state a READ or a WRITE of a clone allocates no managed memory.</summary>
[Collection(nameof(AllocationTests))]
public sealed class NbdAllocationTests
{
    private const int Depth = 32, Rounds = 400, Block = 4096, Length = 4 << 20;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Reads_and_writes_allocate_nothing(bool writes)
    {
        await using ServedStore s = await ServedStore.StartAsync();
        LayeredDevice device = await s.ExportNewAsync("base", Length);
        await device.WriteAsync(0, Bytes.Of(1, Length));
        await s.Store.SnapshotAsync("base", "golden");
        await s.Store.CloneAsync("golden", "web");
        s.Exports.Add("web", s.Store.OpenDisk("web"), ServedStore.Loopback);
        await using var client = new RawNbdClient(s.Socket);
        client.Negotiate("web");
        int each = writes ? 28 + Block : 28;
        byte[] batch = new byte[Depth * each];
        byte[] answers = new byte[Depth * (writes ? 16 : 16 + Block)];
        // Over all blocks first: their maps and heat are made at their first use.
        Run(client, batch, answers, each, writes, Length / Block / Depth);
        Run(client, batch, answers, each, writes, Length / Block / Depth);
        long before = GC.GetTotalAllocatedBytes(precise: true);
        Run(client, batch, answers, each, writes, Rounds);
        long bytes = GC.GetTotalAllocatedBytes(precise: true) - before;
        // The runtime's own threads allocate a little now and then; one object a request would be 300 KiB or more.
        Assert.True(bytes < 32 * 1024, $"{bytes} bytes for {Rounds * Depth} requests");
    }

    private static void Run(RawNbdClient client, byte[] batch, byte[] answers, int each, bool writes, int rounds)
    {
        for (int round = 0; round < rounds; round++)
        {
            for (int i = 0; i < Depth; i++)
            {
                Span<byte> head = batch.AsSpan(i * each, 28);
                BinaryPrimitives.WriteUInt32BigEndian(head, 0x25609513);
                head[7] = writes ? (byte)1 : (byte)0;
                BinaryPrimitives.WriteInt64BigEndian(head[16..], (long)((round * Depth) + i) % (Length / Block) * Block);
                BinaryPrimitives.WriteInt32BigEndian(head[24..], Block);
            }

            client.Send(batch);
            client.Receive(answers.AsSpan());
            if (answers[7] != 0)
                Assert.Fail($"error {answers[7]}");
        }
    }
}
