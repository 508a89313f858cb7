using Pewter.Hosting;
using Pewter.Images.Blockd;
using Pewter.NineP;
using Pewter.NineP.Serving;
using Pewter.Tree;

namespace Pewter.Images.Library;

/// <content>The changes of disks.</content>
internal sealed partial class ImageLibrary
{
    // As small as a disk can be; what an open of clone shows until it is given content.
    private const int SectorBytes = 512;

    /// <summary>Makes disks: all that were asked for, or none. They are durable and served when this returns.</summary>
    public ValueTask<IReadOnlyList<Disk>> CreateAsync(DiskRequest request, CancellationToken cancellation) => ChangeAsync(async () =>
    {
        var image = request.Image is { } name ? ReadyDisk(Find(name, request.Caller)) : null;
        var records = Plan(request, image, Numbers(request));
        using var claim = Claim(records, request.Caller);
        await MakeAsync(records, image, cancellation);
        var disks = records.ConvertAll(record => new Disk(record, DiskStates.Ready));
        disks.ForEach(Show);
        return (IReadOnlyList<Disk>)disks;
    });

    /// <summary>Makes disks of what a disk holds now; it goes on.</summary>
    public async ValueTask<IReadOnlyList<Disk>> CloneDiskAsync(Disk disk, DiskRequest request, CancellationToken cancellation)
    {
        var image = await SnapshotAsync(disk, null, request.Caller, cancellation, isTransient: true);
        try
        {
            return await CreateAsync(request with { Image = image.Record.Name }, cancellation);
        }
        catch (FileException)
        {
            await CollectTransientAsync(image.Number);
            throw;
        }
    }

    /// <summary>
    /// Makes the object of an open of <c>clone</c>; the disk server hears of it when it is given content.
    /// </summary>
    public async ValueTask<Disk> CloneAsync(NewObject wish, CancellationToken cancellation)
    {
        var record = new DiskRecord { Number = wish.Number, Owner = wish.Owner, Created = Now(), IsPersistent = false };

        // The number has been seen, so that it is used up even if nothing comes of it.
        await ChangeAsync(async () =>
        {
            await _journal.Begin().CommitAsync(cancellation);
            return true;
        });
        return new Disk(record, DiskStates.New);
    }

    /// <summary>Gives a disk from <c>clone</c> its content.</summary>
    public ValueTask<bool> FillAsync(Disk disk, DiskRequest request, CancellationToken cancellation) => ChangeAsync(async () =>
    {
        await disk.Work.WaitAsync(cancellation);
        try
        {
            if (disk.State != DiskStates.New)
            {
                throw new FileException(Errno.EEXIST, $"{disk.Id} is made already.");
            }

            var image = request.Image is { } name ? ReadyDisk(Find(name, request.Caller)) : null;
            var record = Plan(request, image, disk.Number)[0] with { Owner = disk.Record.Owner, IsPersistent = disk.Record.IsPersistent };
            using var claim = Claim([record], request.Caller);
            Disks.Rename(disk.Number, record.Name);
            await MakeAsync([record], image, cancellation);
            lock (_lock)
            {
                _disks.Add(disk.Number, disk);
            }

            (disk.Record, disk.State) = (record, DiskStates.Ready);
            return true;
        }
        finally
        {
            disk.Work.Release();
        }
    });

    /// <summary>
    /// Removes a disk. EBUSY while clients are on it, unless that is to be no hindrance; EPERM when it is protected.
    /// </summary>
    public ValueTask<bool> ReleaseAsync(Disk disk, bool force, CancellationToken cancellation) => WithDiskAsync(disk, async () =>
    {
        if (disk.Record.IsProtected)
        {
            throw new FileException(Errno.EPERM, $"{disk.Id} is protected: 'protect off' first.");
        }

        if (!force)
        {
            await DemandUnusedAsync(disk, cancellation);
        }

        var pending = new PendingRecord { Kind = PendingKind.Release, First = disk.Number };
        await _journal.Begin().Begin(pending).CommitAsync(cancellation);
        try
        {
            await Blocks.ReleaseAsync(disk.Id, CancellationToken.None);
            await _journal.Begin().End(pending).Delete(disk.Record).Tell("released", disk.Record).CommitAsync(CancellationToken.None);
        }
        catch (Exception failure) when (ServiceFailure.IsExpected(failure))
        {
            Remember(pending);
            throw;
        }

        TryTakeDisk(disk.Number);
        await CollectTransientAsync(disk.Record.Image);
        return true;
    });

    /// <summary>Lets go of an untouched disk of a <c>clone</c>, or releases one that nobody needs.</summary>
    public async ValueTask ReapAsync(Disk disk, CancellationToken cancellation)
    {
        if (disk.State == DiskStates.Ready)
        {
            await ReleaseAsync(disk, force: true, cancellation);
        }
    }

    /// <summary>Changes a disk's size.</summary>
    public ValueTask<bool> ResizeAsync(Disk disk, long size, CancellationToken cancellation) => WithDiskAsync(disk, async () =>
    {
        await Blocks.CommandAsync($"/disk/{disk.Id}/ctl", ["resize", $"{size}"], cancellation);
        await WriteAsync(disk, disk.Record with { Size = size }, cancellation);
        return true;
    });

    /// <summary>
    /// Throws away what a disk holds since a snapshot of it, or above the image it was made from. Its sessions end.
    /// </summary>
    public ValueTask<bool> RollBackAsync(Disk disk, Image image, CancellationToken cancellation) => WithDiskAsync(disk, async () =>
    {
        var record = ReadyDisk(image).Record;
        await Blocks.CommandAsync($"/disk/{disk.Id}/ctl", ["rollback", record.Layer!], cancellation);
        await WriteAsync(disk, disk.Record with { Size = record.Size }, cancellation);
        return true;
    });

    /// <summary>Copies all that a disk stands on into it, so that it stands alone.</summary>
    public ValueTask<bool> FlattenAsync(Disk disk, CancellationToken cancellation) => WithDiskAsync(disk, async () =>
    {
        await Blocks.CommandAsync($"/disk/{disk.Id}/ctl", ["flatten"], cancellation);
        await WriteAsync(disk, disk.Record with { Image = null }, cancellation);
        return true;
    });

    /// <summary>Changes what is only written down about a disk.</summary>
    public ValueTask<bool> ChangeAsync(Disk disk, Func<DiskRecord, DiskRecord> change, CancellationToken cancellation) => ChangeAsync(async () =>
    {
        await disk.Work.WaitAsync(cancellation);
        try
        {
            var record = change(disk.Record);
            if (disk.State == DiskStates.Ready)
            {
                await WriteAsync(disk, record, cancellation);
            }

            disk.Record = record;
            return true;
        }
        finally
        {
            disk.Work.Release();
        }
    });

    /// <summary>Binds a name to a disk, or unbinds it.</summary>
    public async ValueTask RenameAsync(Disk disk, string? name, CancellationToken cancellation)
    {
        var was = disk.Record.Name;
        Disks.Rename(disk.Number, name);
        try
        {
            await ChangeAsync(disk, record => record with { Name = name }, cancellation);
        }
        catch (FileException)
        {
            Disks.Rename(disk.Number, was);
            throw;
        }
    }

    /// <summary>Freezes what a disk holds now as an image; the disk goes on.</summary>
    public ValueTask<Image> SnapshotAsync(
        Disk disk, string? name, Caller caller, CancellationToken cancellation, bool isTransient = false) => WithDiskAsync(disk, async () =>
    {
        var next = Images.Next(caller);
        var image = new ImageRecord
        {
            Number = next.Number, Owner = next.Owner, Name = name ?? $"{disk.Record.Name ?? disk.Id}-{next.Number}", Type = ImageTypes.Disk,
            Created = Now(), Size = disk.Record.Size, Parent = disk.Record.Image, Disk = disk.Number,
            IsTransient = isTransient, Backing = disk.Record.Backing,
        };
        using var claim = ClaimImage(image, caller);
        var pending = new PendingRecord { Kind = PendingKind.Snapshot, First = image.Number };
        await _journal.Begin().Begin(pending).CommitAsync(cancellation);
        return await UndoneOnFailureAsync(pending, async () =>
        {
            var (layer, size) = await Blocks.SnapshotAsync(disk.Id, image.LayerName, CancellationToken.None);
            var record = image with { Layer = layer, Size = size };
            await _journal.Begin().End(pending).Put(record).Tell("ready", record).CommitAsync(CancellationToken.None);
            return Show(new Image(record));
        });
    });

    /// <summary>
    /// Does something with a disk that is made, with the server ready, and nothing else with it meanwhile.
    /// </summary>
    internal ValueTask<T> WithDiskAsync<T>(Disk disk, Func<ValueTask<T>> act) => ChangeAsync(async () =>
    {
        await disk.Work.WaitAsync();
        try
        {
            if (disk.State != DiskStates.Ready)
            {
                throw new FileException(Errno.ENXIO, disk.State == DiskStates.New
                    ? $"{disk.Id} has no content yet: write 'create image=NAME' or 'create size=SIZE' to its ctl." : $"{disk.Id} is released.");
            }

            await RecoverAsync(CancellationToken.None);
            return await act();
        }
        finally
        {
            disk.Work.Release();
        }
    });

    private static Image ReadyDisk(Image image) => image.Record switch
    {
        { State: not ImageStates.Ready } => throw new FileException(
            Errno.EBUSY, $"The image {image.Record.Name} is not complete: repeat its import, or wait for it."),
        { Layer: null } => throw new FileException(
            Errno.EINVAL, $"The image {image.Record.Name} is a kernel, not a disk: machines boot it without one."),
        _ => image,
    };

    /// <summary>Numbers one after another, since the disk server is told the first and how many.</summary>
    private long Numbers(DiskRequest request)
    {
        while (true)
        {
            var first = Disks.Next(request.Caller).Number;
            var last = first;
            for (var i = 1; i < request.Count; i++)
            {
                last = Disks.Next(request.Caller).Number;
            }

            // Somebody opened a clone in between: those are passed over.
            if (last - first == request.Count - 1)
            {
                return first;
            }
        }
    }

    private List<DiskRecord> Plan(DiskRequest request, Image? image, long first)
    {
        var size = request.Size ?? image?.Record.Size ?? throw new FileException(
            Errno.EINVAL, "Name an image or give a size: 'create image=NAME' or 'create size=10G'.");
        if (size < SectorBytes || size % SectorBytes != 0 || size < image?.Record.Size)
        {
            throw new FileException(Errno.EINVAL, image is not null && size < image.Record.Size
                ? $"The image {image.Record.Name} has {image.Record.Size} bytes; a disk of it cannot begin with {size}."
                : $"A disk of {size} bytes cannot be: sizes are multiples of {SectorBytes}.");
        }

        var owner = Owner.Of(request.Caller);
        var backing = BackingOf(request, image);
        return [.. Enumerable.Range(0, request.Count).Select(i => new DiskRecord
        {
            Number = first + i, Owner = owner, Created = Now(), Size = size, Image = image?.Number, Tags = request.Tags, Backing = backing,
            Name = request.Name is null || request.Count == 1 ? request.Name : $"{request.Name}-{i + 1}",
        })];
    }

    private static string? BackingOf(DiskRequest request, Image? image)
    {
        if (request.Backing == Backings.Store && image?.Record.Backing == Backings.Pool)
        {
            throw new FileException(Errno.EINVAL, $"The image {image.Record.Name} lies in the Ceph pool, and so do its disks: "
                + "export it and import that to have it on this machine.");
        }

        return request.Backing == Backings.Pool || image?.Record.Backing == Backings.Pool ? Backings.Pool : null;
    }

    /// <summary>Claims the names and bytes of disks until they are in the tables, if the caller may have them.</summary>
    private IDisposable Claim(List<DiskRecord> records, Caller caller) => _claims.Claim(
        records.Where(record => record.Name is not null).Select(record => $"/disk/{record.Name}"),
        records[0].Owner.User,
        records.Sum(record => record.Size),
        () =>
        {
            var user = records[0].Owner.User;
            Quota.Demand(caller, user, UsedBy(user), records.Sum(record => record.Size));
            lock (_lock)
            {
                if (_disks.Count + records.Count > Limits.Disks)
                {
                    throw new FileException(Errno.EDQUOT, $"There may be {Limits.Disks} disks on this machine, and there are {_disks.Count}.");
                }
            }

            foreach (var record in records)
            {
                if (record.Name is { } name && Disks.Find(name) is { } other && other.Number != record.Number)
                {
                    throw new FileException(Errno.EEXIST, $"/disk/{name} is the name of {other.Id} already.");
                }
            }
        });

    private async ValueTask MakeAsync(List<DiskRecord> records, Image? image, CancellationToken cancellation)
    {
        await RecoverAsync(cancellation);
        var pending = new PendingRecord { Kind = PendingKind.Create, First = records[0].Number, Count = records.Count };
        await _journal.Begin().Begin(pending).CommitAsync(cancellation);
        await UndoneOnFailureAsync(pending, async () =>
        {
            await Blocks.CreateAsync(
                records[0].Number, records.Count, image?.Record.Layer, records[0].Size, records[0].Backing, CancellationToken.None);
            var change = _journal.Begin().End(pending);
            records.ForEach(record => change.Put(record).Tell("created", record));
            await change.CommitAsync(CancellationToken.None);
            return true;
        });
    }

    private async ValueTask<T> UndoneOnFailureAsync<T>(PendingRecord pending, Func<ValueTask<T>> act)
    {
        try
        {
            return await act();
        }
        catch (Exception failure) when (ServiceFailure.IsExpected(failure))
        {
            try
            {
                await SettleAsync(pending, CancellationToken.None);
            }
            catch (Exception later) when (ServiceFailure.IsExpected(later))
            {
                // The next change, or the next start, tries again.
                _context.Log.Warn("a change could not be undone yet", ("change", pending.Id), ("error", later.Message));
                Remember(pending);
            }

            throw;
        }
    }

    /// <summary>Removes an image that was only made for the disks of a clone, when the last of them is gone.</summary>
    private async ValueTask CollectTransientAsync(long? number)
    {
        if (ImageOf(number) is not { Record.IsTransient: true } image || Dependants(image).Count > 0)
        {
            return;
        }

        try
        {
            await RemoveAsync(image, CancellationToken.None);
        }
        catch (FileException)
        {
            // Somebody made a disk of it, protected it or removed it meanwhile.
        }
    }

    private async ValueTask DemandUnusedAsync(Disk disk, CancellationToken cancellation)
    {
        var started = _time.GetTimestamp();
        string sessions;
        while ((sessions = (await Blocks.ReadAsync($"/disk/{disk.Id}/sessions", cancellation)).Trim()).Length > 0)
        {
            if (_time.GetElapsedTime(started) > Limits.ReleasePatience)
            {
                throw new FileException(
                    Errno.EBUSY, $"{disk.Id} is in use by {sessions.Replace("\n", ", ", StringComparison.Ordinal)}; 'release force' ends that.");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), _time, cancellation);
        }
    }
}
