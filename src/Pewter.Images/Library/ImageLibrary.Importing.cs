using Pewter.Images.Blockd;
using Pewter.Images.Importing;
using Pewter.NineP;
using Pewter.NineP.Serving;
using Pewter.Tree;

namespace Pewter.Images.Library;

/// <content>Images that come from elsewhere.</content>
internal sealed partial class ImageLibrary
{
    /// <summary>
    /// Takes a disk in: a file of any format that qemu-img reads, a directory, an archive or an OCI layout of this machine, or what HTTP gives.
    /// An import of the same name and source that was cut short goes on. What is truncated or has another digest leaves nothing.
    /// </summary>
    public ValueTask<Image> ImportDiskAsync(ImageWish wish, string source, string format, CancellationToken cancellation) => ChangeAsync(async () =>
    {
        await RecoverAsync(cancellation);
        var image = await BeginAsync(wish, ImageTypes.Disk, source, cancellation);
        return await DroppedOnFailureAsync(image, () => ImportAsync(image, wish, source, format, cancellation));
    });

    /// <summary>Makes the object of an open of <c>clone</c>, whose <c>data</c> is then written.</summary>
    public async ValueTask<Image> CloneImageAsync(NewObject wish, CancellationToken cancellation)
    {
        await ChangeAsync(async () =>
        {
            await _journal.Begin().CommitAsync(cancellation);
            return true;
        });
        return new Image(new ImageRecord
        {
            Number = wish.Number, Owner = wish.Owner, Name = "", Type = ImageTypes.Disk, Created = Now(), State = ImageStates.New,
        });
    }

    /// <summary>Takes some bytes of an image that is being written; returns when they are in the file.</summary>
    public async ValueTask WriteDataAsync(Image image, ulong offset, ReadOnlyMemory<byte> data, Caller caller, CancellationToken cancellation)
    {
        if (image.Record.State != ImageStates.New)
        {
            throw new FileException(Errno.EBUSY, $"{image.Record.Id} is made already: data is written before 'import'.");
        }

        Quota.Demand(caller, image.Record.Owner.User, UsedBy(image.Record.Owner.User), (long)offset + data.Length);
        using var file = File.OpenHandle(Files.IncomingOf(image.Record), FileMode.OpenOrCreate, FileAccess.Write);
        await RandomAccess.WriteAsync(file, data, (long)offset, cancellation);
    }

    /// <summary>Makes an image of the data that was written.</summary>
    public ValueTask<bool> ImportWrittenAsync(
        Image image, ImageWish wish, string format, long? length, CancellationToken cancellation) => ChangeAsync(async () =>
    {
        await image.Work.WaitAsync(cancellation);
        try
        {
            var path = Files.IncomingOf(image.Record);
            DemandWritten(image, path, length);
            await RecoverAsync(cancellation);
            using var claim = ClaimImage(image.Record with { Name = wish.Name }, wish.Caller);
            Images.Rename(image.Number, wish.Name);
            image.Record = image.Record with
            {
                Name = wish.Name, State = ImageStates.Importing, Source = "written", Tags = wish.Tags, IsPublic = wish.IsPublic,
            };
            await _journal.Begin().Put(image.Record).CommitAsync(cancellation);
            lock (_lock)
            {
                _images.Add(image.Number, image);
            }

            await DroppedOnFailureAsync(image, () => ImportAsync(image, wish, path, format, cancellation));
            return true;
        }
        finally
        {
            image.Work.Release();
        }
    });

    /// <summary>Lets go of an untouched image of a <c>clone</c>.</summary>
    public ValueTask ReapImageAsync(Image image, CancellationToken cancellation)
    {
        if (image.Record.State == ImageStates.New)
        {
            Files.Remove(image.Record);
        }

        return ValueTask.CompletedTask;
    }

    private static void DemandWritten(Image image, string path, long? length)
    {
        if (image.Record.State != ImageStates.New)
        {
            throw new FileException(Errno.EEXIST, $"{image.Record.Id} is made already.");
        }

        var written = File.Exists(path) ? new FileInfo(path).Length : 0;
        if (written == 0 || (length is { } expected && expected != written))
        {
            var wanted = length is null ? "" : $" of {length}";
            throw new FileException(Errno.EIO, $"{written} bytes{wanted} were written to data: the image is truncated.");
        }
    }

    private async ValueTask<Image> ImportAsync(Image image, ImageWish wish, string source, string format, CancellationToken cancellation)
    {
        // A daemon that died between the disk server's last word and its own commit left the layer whole, its digest checked.
        var (layer, size) = await Blocks.FindLayerAsync(image.Record.LayerName, cancellation)
            ?? await ImportAsync(image, source, format, wish.Sha256, cancellation);
        var record = image.Record with { Layer = layer, Size = size, Sha256 = wish.Sha256, State = ImageStates.Ready };
        await ReadyAsync(image, await WithBootFilesAsync(record, wish, cancellation), wish.Caller, cancellation);
        Files.RemoveIncoming(record);
        return image;
    }

    private async ValueTask<(string Layer, long Size)> ImportAsync(
        Image image, string source, string format, string? digest, CancellationToken cancellation)
    {
        var place = Files.IncomingOf(image.Record);
        var (path, kind, sha256) = await ImageSource.PrepareAsync(
            image.Record.Name, source, format, digest, place, progress => image.Progress = progress, cancellation);
        image.Progress = new TransferProgress("import", new FileInfo(path).Length);
        var import = Blocks.ImportAsync(path, image.Record.LayerName, kind, sha256, cancellation).AsTask();
        try
        {
            return await FollowAsync(image, import, cancellation);
        }
        catch (FileException failure) when (failure.Message.Contains(image.Record.LayerName, StringComparison.Ordinal))
        {
            // The disk server knows the layer by a name that nobody gave it.
            throw new FileException(
                failure.Errno, failure.Message.Replace(image.Record.LayerName, image.Record.Name, StringComparison.Ordinal), failure);
        }
    }
}
