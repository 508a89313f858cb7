using Pewter.Blocks.Layers;
using Pewter.NineP;
using Pewter.Tree;

namespace Pewter.Disks;

/// <summary>The command that checks every block.</summary>
internal static class Verification
{
    /// <summary>Says how many blocks are right; EIO, naming the first that are not, when any is damaged.</summary>
    public static async ValueTask<CommandResult> RunAsync(LayerStore store, string id, CancellationToken cancellation)
    {
        VerifyReport report = await TreeFailure.TranslateAsync(() => store.VerifyAsync(id, cancellation));
        if (report.Damages.Count > 0)
            throw new FileException(Errno.EIO, $"{report.Damages.Count} damaged: {string.Join(' ', report.Damages.Take(10).Select(d => d.Reason))}");
        return CommandResult.Json(json =>
        {
            json.WriteNumber("blocks", report.Checked);
            json.WriteNumber("withoutChecksum", report.WithoutChecksum);
        });
    }
}
