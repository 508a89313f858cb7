using Pewter.Hosting;
using Pewter.NineP;
using Pewter.NineP.Serving;

namespace Pewter.Images.Library;

/// <content>The changes of images.</content>
internal sealed partial class ImageLibrary
{
    /// <summary>Takes a kernel and an initramfs in.</summary>
    public ValueTask<Image> ImportKernelAsync(ImageWish wish, CancellationToken cancellation) => ChangeAsync(async () =>
    {
        var image = await BeginAsync(wish, ImageTypes.Kernel, wish.Kernel!, cancellation);
        return await DroppedOnFailureAsync(image, async () =>
        {
            var record = await WithBootFilesAsync(image.Record, wish, cancellation);
            var size = new FileInfo(record.Kernel!).Length + (record.Initrd is { } initrd ? new FileInfo(initrd).Length : 0);
            await ReadyAsync(image, record with { Size = size, State = ImageStates.Ready }, wish.Caller, cancellation);
            return image;
        });
    });

    /// <summary>Gives what an image holds a second name; takes no time whatever the size.</summary>
    public ValueTask<Image> SnapshotAsync(Image image, string name, Caller caller, CancellationToken cancellation) => ChangeAsync(async () =>
    {
        var original = ReadyDisk(image).Record;
        var next = Images.Next(caller);
        var record = original with
        {
            Number = next.Number, Owner = next.Owner, Name = name, Created = Now(), Parent = original.Number, Disk = null,
            IsProtected = false, IsPublic = false,
        };
        using var claim = ClaimImage(record, caller);
        var boot = new ImageWish { Name = name, Caller = caller, Kernel = original.Kernel, Vmlinuz = original.Vmlinuz, Initrd = original.Initrd };
        record = await WithBootFilesAsync(record, boot, cancellation);
        await _journal.Begin().Put(record).Tell("ready", record).CommitAsync(cancellation);
        return Show(new Image(record));
    });

    /// <summary>Removes an image. EBUSY, naming them, while disks or images stand on it; EPERM when it is protected.</summary>
    public ValueTask<bool> RemoveAsync(Image image, CancellationToken cancellation) => WithImageAsync(image, async () =>
    {
        var record = image.Record;
        if (record.IsProtected)
        {
            throw new FileException(Errno.EPERM, $"The image {record.Name} is protected: 'protect off' first.");
        }

        if (Dependants(image) is { Count: > 0 } dependants)
        {
            var more = dependants.Count > 8 ? $" and {dependants.Count - 8} more" : "";
            var names = string.Join(", ", dependants.Take(8));
            throw new FileException(Errno.EBUSY, $"{names}{more} stand on the image {record.Name}: release, remove or flatten those first.");
        }

        await RecoverAsync(cancellation);
        await TakeAwayAsync(image, "removed", cancellation);
        return true;
    });

    /// <summary>Gives an image another name.</summary>
    public ValueTask<bool> RenameAsync(Image image, string name, CancellationToken cancellation) => WithImageAsync(image, async () =>
    {
        var was = image.Record.Name;
        Images.Rename(image.Number, name);
        try
        {
            await WriteAsync(image, image.Record with { Name = name }, cancellation);
        }
        catch (Exception failure) when (ServiceFailure.IsExpected(failure))
        {
            Images.Rename(image.Number, was);
            throw;
        }

        return true;
    });

    /// <summary>Changes what is only written down about an image.</summary>
    public ValueTask<bool> ChangeAsync(Image image, Func<ImageRecord, ImageRecord> change, CancellationToken cancellation) =>
        WithImageAsync(image, async () =>
        {
            await WriteAsync(image, change(image.Record), cancellation);
            return true;
        });

    /// <summary>Gives a disk image the kernel and initramfs that it is booted with where there is no firmware.</summary>
    public ValueTask<bool> SetBootAsync(Image image, ImageWish wish, CancellationToken cancellation) => WithImageAsync(image, async () =>
    {
        await WriteAsync(image, await WithBootFilesAsync(image.Record, wish, cancellation), cancellation);
        return true;
    });

    private ValueTask<T> WithImageAsync<T>(Image image, Func<ValueTask<T>> act) => ChangeAsync(async () =>
    {
        await image.Work.WaitAsync();
        try
        {
            return ImageOf(image.Number) is null
                ? throw new FileException(Errno.ENOENT, $"The image {image.Record.Name} is removed.") : await act();
        }
        finally
        {
            image.Work.Release();
        }
    });

    private async ValueTask<Image> BeginAsync(ImageWish wish, string type, string source, CancellationToken cancellation)
    {
        if (Images.Find(wish.Name) is { Item: { Record.State: ImageStates.Interrupted } begun } && begun.Record.Source == source)
        {
            if (begun.Record.Owner.User != wish.Caller.User && !wish.Caller.IsAdmin)
            {
                throw new FileException(Errno.EACCES, $"{begun.Record.Owner.User} began the import of {wish.Name}.");
            }

            await WriteAsync(begun, begun.Record with { State = ImageStates.Importing }, cancellation);
            return begun;
        }

        var next = Images.Next(wish.Caller);
        var record = new ImageRecord
        {
            Number = next.Number, Owner = next.Owner, Name = wish.Name, Type = type, Created = Now(), State = ImageStates.Importing,
            Source = source, Tags = wish.Tags, IsPublic = wish.IsPublic,
        };
        using var claim = ClaimImage(record, wish.Caller);
        var image = Show(new Image(record));
        try
        {
            await _journal.Begin().Put(record).CommitAsync(cancellation);
            return image;
        }
        catch
        {
            Hide(image);
            throw;
        }
    }

    /// <summary>Claims the name and bytes of an image until it is in the table, if the caller may have them.</summary>
    private IDisposable ClaimImage(ImageRecord record, Caller caller) => _claims.Claim(
        [$"/image/{record.Name}"],
        record.Owner.User,
        record.Size,
        () =>
        {
            if (Images.Find(record.Name) is { } other)
            {
                throw new FileException(Errno.EEXIST, $"/image/{record.Name} is the name of {other.Id} already.");
            }

            lock (_lock)
            {
                if (_images.Count >= Limits.Images)
                {
                    throw new FileException(Errno.EDQUOT, $"There may be {Limits.Images} images on this machine, and there are {_images.Count}.");
                }
            }

            Quota.Demand(caller, record.Owner.User, UsedBy(record.Owner.User), record.Size);
        });

    private async ValueTask ReadyAsync(Image image, ImageRecord record, Caller caller, CancellationToken cancellation)
    {
        Quota.Demand(caller, record.Owner.User, UsedBy(record.Owner.User), record.Size);
        await _journal.Begin().Put(record).Tell("ready", record).CommitAsync(cancellation);
        (image.Record, image.Progress) = (record, null);
        Images.Changed(image.Number);
    }

    private async ValueTask<Image> DroppedOnFailureAsync(Image image, Func<ValueTask<Image>> act)
    {
        try
        {
            return await act();
        }
        catch (Exception cut) when (cut is OperationCanceledException or FileException { Errno: Errno.EAGAIN })
        {
            // Whoever asked is gone, or the source. What is there already is kept for the same import again.
            image.Progress = null;
            await WriteAsync(image, image.Record with { State = ImageStates.Interrupted }, CancellationToken.None);
            throw;
        }
        catch (Exception failure) when (ServiceFailure.IsExpected(failure))
        {
            try
            {
                await TakeAwayAsync(image, "failed", CancellationToken.None);
            }
            catch (Exception later) when (ServiceFailure.IsExpected(later))
            {
                image.Progress = null;
                image.Record = image.Record with { State = ImageStates.Interrupted };
                _context.Log.Warn("a failed import could not be undone yet", ("image", image.Record.Name), ("error", later.Message));
            }

            throw;
        }
    }

    private async ValueTask TakeAwayAsync(Image image, string why, CancellationToken cancellation)
    {
        var record = image.Record;
        var isShared = record.Layer is not null && AllImages.Any(other => other != image && other.Record.Layer == record.Layer);
        var pending = new PendingRecord { Kind = PendingKind.Remove, First = record.Number, Layer = record.Layer ?? record.LayerName };
        var change = _journal.Begin().Delete(record).Tell(why, record);
        var hasLayer = record.Type == ImageTypes.Disk && !isShared;
        await (hasLayer ? change.Begin(pending) : change).CommitAsync(cancellation);
        Hide(image);
        Files.Remove(record);
        if (!hasLayer)
        {
            return;
        }

        try
        {
            await SettleAsync(pending, CancellationToken.None);
        }
        catch (Exception failure) when (ServiceFailure.IsExpected(failure))
        {
            // The image is gone for everyone; its space follows.
            Remember(pending);
        }
    }

    /// <summary>Waits for an import and asks now and then how far it is.</summary>
    private async ValueTask<(string Layer, long Size)> FollowAsync(
        Image image, Task<(string Layer, long Size)> import, CancellationToken cancellation)
    {
        while (await Task.WhenAny(import, Task.Delay(TimeSpan.FromMilliseconds(200), _time, cancellation)) != import)
        {
            if (cancellation.IsCancellationRequested)
            {
                break;
            }

            var lines = (await Blocks.ReadAsync("/imports", cancellation)).Split('\n');
            if (lines.FirstOrDefault(line => line.StartsWith(image.Record.LayerName + " ", StringComparison.Ordinal)) is { } line)
            {
                image.Progress!.Done = long.Parse(line.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
            }
        }

        return await import;
    }

    private async ValueTask<ImageRecord> WithBootFilesAsync(ImageRecord record, ImageWish wish, CancellationToken cancellation) => record with
    {
        Kernel = wish.Kernel is { } kernel ? await Files.TakeAsync(record, "kernel", kernel, cancellation) : record.Kernel,
        Vmlinuz = wish.Vmlinuz is { } loaded ? await Files.TakeAsync(record, "vmlinuz", loaded, cancellation) : record.Vmlinuz,
        Initrd = wish.Initrd is { } initrd ? await Files.TakeAsync(record, "initrd", initrd, cancellation) : record.Initrd,
        Cmdline = wish.Cmdline ?? record.Cmdline,
    };

    private Image Show(Image image)
    {
        lock (_lock)
        {
            _images.Add(image.Number, image);
        }

        try
        {
            Images.Add(image.Number, image, image.Record.Name);
            return image;
        }
        catch (FileException)
        {
            lock (_lock)
            {
                _images.Remove(image.Number);
            }

            throw;
        }
    }

    private void Hide(Image image)
    {
        lock (_lock)
        {
            _images.Remove(image.Number);
        }

        Images.Remove(image.Number);
    }
}
