using Pewter.Images.Blockd;
using Pewter.Images.Composing;

namespace Pewter.Images.Library;

/// <content>Images that are made here.</content>
internal sealed partial class ImageLibrary
{
    /// <summary>Composes an image. What fails leaves nothing.</summary>
    public ValueTask<Image> ComposeAsync(ImageWish wish, Composition what, CancellationToken cancellation) => ChangeAsync(async () =>
    {
        await RecoverAsync(cancellation);
        var image = await BeginAsync(wish, what.IsInMemory ? ImageTypes.Kernel : ImageTypes.Disk, what.Source, cancellation);
        return await DroppedOnFailureAsync(image, async () =>
        {
            var work = Files.WorkOf(image.Record);
            try
            {
                var made = await Composer.RunAsync(what, work, progress => image.Progress = progress, cancellation);
                return await TakeComposedAsync(image, made, wish, cancellation);
            }
            finally
            {
                Directory.Delete(work, recursive: true);
            }
        });
    });

    private async ValueTask<Image> TakeComposedAsync(Image image, ComposedFiles made, ImageWish wish, CancellationToken cancellation)
    {
        var record = image.Record with { State = ImageStates.Ready };
        if (made.Disk is { } disk)
        {
            // What an earlier try left is of another making.
            await Blocks.LetGoAsync(record.LayerName, cancellation);
            image.Progress = new TransferProgress("import", new FileInfo(disk).Length);
            var import = Blocks.ImportAsync(disk, record.LayerName, "raw", null, cancellation).AsTask();
            var (layer, size) = await FollowAsync(image, import, cancellation);
            record = record with { Layer = layer, Size = size };
        }
        else
        {
            record = record with { Size = new FileInfo(made.Kernel).Length + new FileInfo(made.Initrd).Length };
        }

        var boot = wish with { Kernel = made.Kernel, Vmlinuz = made.Vmlinuz, Initrd = made.Initrd, Cmdline = wish.Cmdline ?? made.Cmdline };
        await ReadyAsync(image, await WithBootFilesAsync(record, boot, cancellation), wish.Caller, cancellation);
        return image;
    }
}
