using Pewter.Blocks;
using Pewter.Blocks.Layers;
using Pewter.NineP;
using Pewter.Tree;

namespace Pewter.Disks;

/// <summary>The command that checks every block.</summary>
internal static class Verification
{
    private const int PieceBytes = 4 << 20;
    private const int BlockBytes = 4096;

    /// <summary>Says how many blocks are right; EIO, naming the first that are not, when any is damaged.</summary>
    public static async ValueTask<CommandResult> RunAsync(LayerStore store, string id, CancellationToken cancellation)
    {
        VerifyReport report = await TreeFailure.TranslateAsync(() => store.VerifyAsync(id, cancellation));
        if (report.Damages.Count > 0)
        {
            string damages = string.Join(' ', report.Damages.Take(10).Select(d => d.Reason));
            throw new FileException(Errno.EIO, $"{id}: {report.Damages.Count} damaged: {damages}");
        }

        return Result(report.Checked, report.WithoutChecksum);
    }

    /// <summary>Reads all that a device in a Ceph pool holds: Ceph keeps the checksums of these and refuses to read what is damaged.</summary>
    public static async ValueTask<CommandResult> RunAsync(BlockDevice device, string id, CancellationToken cancellation)
    {
        long blocks = await TreeFailure.TranslateAsync(() => ReadAsync(device, id, cancellation));
        return Result(blocks, 0);
    }

    private static async ValueTask<long> ReadAsync(BlockDevice device, string id, CancellationToken cancellation)
    {
        long blocks = 0;
        var buffer = new byte[PieceBytes];
        var extents = new BlockExtent[1];
        for (long offset = 0; offset < device.Length;)
        {
            device.GetExtents(offset, Math.Min(buffer.Length, device.Length - offset), extents);
            if (!extents[0].IsHole)
            {
                try
                {
                    await device.ReadAsync(offset, buffer.AsMemory(0, (int)extents[0].Length), cancellation);
                }
                catch (BlockException damage)
                {
                    string sentence = $"{id}: the {extents[0].Length} bytes at {offset} cannot be read: {damage.Message}";
                    throw new BlockException(damage.Errno, sentence, damage);
                }

                blocks += (extents[0].Length + BlockBytes - 1) / BlockBytes;
            }

            offset += extents[0].Length;
        }

        return blocks;
    }

    private static CommandResult Result(long blocks, long withoutChecksum) => CommandResult.Json(json =>
    {
        json.WriteNumber("blocks", blocks);
        json.WriteNumber("withoutChecksum", withoutChecksum);
    });
}
