using Pewter.Hosting;
using Pewter.Images.Blockd;
using Pewter.NineP;
using Pewter.NineP.Serving;
using Pewter.Tree;

namespace Pewter.Images.Library;

/// <summary>
/// All images and disks of this machine: who may have and use them, and what is asked of the disk server for them. Owns
/// the collections
/// <c>/image</c> and <c>/disk</c>.
/// </summary>
/// <remarks>
/// Safe to use from any thread. One lock guards the tables, so that admission is exact; a change of an image or disk
/// holds that one's own work.
/// Every change of the disk server is written down before it is asked for: a daemon that dies in the middle finds it
/// pending and undoes or
/// repeats it. Lock order: a disk's work, an image's work, the claims, the lock.
/// </remarks>
internal sealed partial class ImageLibrary : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<long, Image> _images = [];
    private readonly Dictionary<long, Disk> _disks = [];
    private readonly List<PendingRecord> _pending;
    private readonly LibraryClaims _claims = new();
    private readonly SemaphoreSlim _recovery = new(1, 1);
    private readonly ServiceContext _context;
    private readonly LibraryJournal _journal;
    private readonly TimeProvider _time;
    private bool _isRecovered;

    /// <summary>The whole tree, as a caller sees it.</summary>
    public TreeClient Tree(Caller caller) => _context.Client(caller);

    public ImageLibrary(ServiceContext context, ImageServiceOptions options, BlockServer blocks, LibraryContent content)
    {
        (_context, _time, Blocks, Limits) = (context, context.Time, blocks, options.Limits);
        Files = new ImageFiles(context.StateDirectory);
        Quota = new LibraryQuota(options.QuotaBytes);
        var counters = content.Counters;
        Images = new(ImageDeclaration.For(this), _time, ImageCommands.OfCollection(this), Events(counters.LastImageEvent));
        Disks = new(DiskDeclaration.For(this), _time, DiskCommands.OfCollection(this), Events(counters.LastDiskEvent));
        Images.Continue(counters.LastImage);
        Disks.Continue(counters.LastDisk);
        _journal = new LibraryJournal(
            context.Store, () => new LibraryCounters(Images.LastNumber, Images.Events.Last, Disks.LastNumber, Disks.Events.Last),
            options.AtStep);
        _pending = [.. content.Pending];
        foreach (var quota in content.Quotas)
        {
            Quota.Set(quota.User, quota.Bytes);
        }

        foreach (var record in content.Images.OrderBy(image => image.Number))
        {
            Restore(record);
        }

        foreach (var record in content.Disks.OrderBy(disk => disk.Number))
        {
            Show(new Disk(record, DiskStates.Ready));
        }
    }

    public Collection<Image> Images { get; }

    public Collection<Disk> Disks { get; }

    public BlockServer Blocks { get; }

    public ImageFiles Files { get; }

    public ImageLimits Limits { get; }

    public LibraryQuota Quota { get; }

    /// <summary>
    /// Whether a start of the daemon has something to do with the disk server: disks to serve, or changes that were cut
    /// short.
    /// </summary>
    public bool NeedsServer
    {
        get
        {
            lock (_lock)
            {
                return _disks.Count > 0 || _pending.Count > 0;
            }
        }
    }

    /// <summary>All images, in the order of their numbers.</summary>
    public IReadOnlyList<Image> AllImages
    {
        get
        {
            lock (_lock)
            {
                return [.. _images.Values.OrderBy(image => image.Number)];
            }
        }
    }

    /// <summary>All disks, in the order of their numbers.</summary>
    public IReadOnlyList<Disk> AllDisks
    {
        get
        {
            lock (_lock)
            {
                return [.. _disks.Values.OrderBy(disk => disk.Number)];
            }
        }
    }

    /// <summary>An image by number; null when it is gone.</summary>
    public Image? ImageOf(long? number)
    {
        lock (_lock)
        {
            return number is { } some ? _images.GetValueOrDefault(some) : null;
        }
    }

    /// <summary>An image by name or id that the caller may use.</summary>
    /// <exception cref="FileException">ENOENT: there is none, or none that the caller may see.</exception>
    public Image Find(string nameOrId, Caller caller)
    {
        if (Images.Find(nameOrId) is { } found && AccessPolicy.Allows(caller, found.Owner, found.Mode, AccessRights.Read))
        {
            return found.Item;
        }

        var names = Images.All().Where(image => AccessPolicy.Allows(caller, image.Owner, image.Mode, AccessRights.Read)).Select(image => image.Name!);
        throw new FileException(Errno.ENOENT, $"There is no image {nameOrId}{Suggestion.For(nameOrId, names)}");
    }

    /// <summary>A disk by name or id that the caller may change.</summary>
    /// <exception cref="FileException">ENOENT: there is none, or none that the caller may see.</exception>
    public Disk FindDisk(string nameOrId, Caller caller) =>
        Disks.Find(nameOrId) is { } found && AccessPolicy.Allows(caller, found.Owner, Disks.Kind.Mode, AccessRights.Read)
            ? found.Item : throw new FileException(Errno.ENOENT, $"There is no disk {nameOrId}.");

    /// <summary>What stands on an image: disks, and the images that came from it.</summary>
    public IReadOnlyList<string> Dependants(Image image)
    {
        lock (_lock)
        {
            var disks = _disks.Values.Where(disk => disk.Record.Image == image.Number).Select(disk => $"/disk/{disk.Record.Name ?? disk.Id}");
            var images = _images.Values.Where(other => other.Record.Parent == image.Number).Select(other => $"/image/{other.Record.Name}");
            return [.. images.Concat(disks).Order(StringComparer.Ordinal)];
        }
    }

    /// <summary>The images that came from an image and that the caller may see.</summary>
    public IEnumerable<Image> Children(Image image, Caller caller) => AllImages.Where(child => child.Record.Parent == image.Number
        && AccessPolicy.Allows(caller, child.Record.Owner, ImageDeclaration.ModeOf(child), AccessRights.Read));

    /// <summary>The images that an image came from, nearest first.</summary>
    public IEnumerable<ImageRecord> Lineage(ImageRecord image)
    {
        for (var parent = ImageOf(image.Parent); parent is not null; parent = ImageOf(parent.Record.Parent))
        {
            yield return parent.Record;
        }
    }

    /// <summary>The images that a disk stands on, nearest first.</summary>
    public IEnumerable<ImageRecord> LineageOf(Disk disk) =>
        ImageOf(disk.Record.Image) is { } image ? Lineage(image.Record).Prepend(image.Record) : [];

    /// <summary>How many disks stand on an image.</summary>
    public int DisksOn(Image image)
    {
        lock (_lock)
        {
            return _disks.Values.Count(disk => disk.Record.Image == image.Number);
        }
    }

    /// <summary>Bytes of a user's images and disks.</summary>
    public long UsedBy(string user)
    {
        var claimed = _claims.BytesOf(user);
        lock (_lock)
        {
            return claimed + _disks.Values.Where(disk => disk.Record.Owner.User == user).Sum(disk => disk.Record.Size)
                + _images.Values.Where(image => image.Record.Owner.User == user).Sum(image => image.Record.Size);
        }
    }

    /// <summary>Gives a user a quota of their own; null takes it.</summary>
    public async ValueTask SetQuotaAsync(string user, long? bytes, CancellationToken cancellation)
    {
        var change = _journal.Begin();
        await (bytes is { } most ? change.Put(new QuotaRecord(user, most)) : change.DeleteQuota(user)).CommitAsync(cancellation);
        Quota.Set(user, bytes);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Images.DisposeAsync();
        await Disks.DisposeAsync();
        _recovery.Dispose();
    }

    /// <summary>
    /// Undoes or repeats what an earlier life of the daemon was in the middle of. Nothing to do, mostly.
    /// </summary>
    internal async ValueTask RecoverAsync(CancellationToken cancellation)
    {
        if (Volatile.Read(ref _isRecovered))
        {
            return;
        }

        await _recovery.WaitAsync(cancellation);
        try
        {
            while (FirstPending() is { } pending)
            {
                await SettleAsync(pending, cancellation);
                Forget(pending);
            }

            await SynchroniseAsync(cancellation);
            Volatile.Write(ref _isRecovered, true);
        }
        finally
        {
            _recovery.Release();
        }
    }

    /// <summary>Runs one change with the other's form of failures.</summary>
    internal static async ValueTask<T> ChangeAsync<T>(Func<ValueTask<T>> change)
    {
        try
        {
            return await change();
        }
        catch (Exception failure) when (ServiceFailure.IsExpected(failure) && failure is not FileException)
        {
            throw ServiceFailure.From(failure, "images and disks");
        }
    }

    /// <summary>The moment as precisely as the tree shows it, so that what is shown is found again.</summary>
    private DateTimeOffset Now()
    {
        var now = _time.GetUtcNow();
        return now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond));
    }

    private EventLog Events(long last) => new(_time, EventLog.DefaultCapacity, last == 0 ? 0 : last + Limits.EventSlack);

    private PendingRecord? FirstPending()
    {
        lock (_lock)
        {
            return _pending.FirstOrDefault();
        }
    }

    private void Forget(PendingRecord pending)
    {
        lock (_lock)
        {
            _pending.Remove(pending);
        }
    }

    private void Remember(PendingRecord pending)
    {
        lock (_lock)
        {
            _pending.Add(pending);
        }

        Volatile.Write(ref _isRecovered, false);
    }

    private void Show(Disk disk)
    {
        lock (_lock)
        {
            _disks.Add(disk.Number, disk);
        }

        Disks.Add(disk.Number, disk, disk.Record.Name);
    }

    private void Restore(ImageRecord record)
    {
        var image = new Image(record.State == ImageStates.Importing ? record with { State = ImageStates.Interrupted } : record);
        lock (_lock)
        {
            _images.Add(image.Number, image);
        }

        Images.Add(image.Number, image, record.Name);
    }

    /// <summary>Ends what was pending, so that the disk server is as before the change or as after it.</summary>
    private async ValueTask SettleAsync(PendingRecord pending, CancellationToken cancellation)
    {
        switch (pending.Kind)
        {
            case PendingKind.Create or PendingKind.Release:
                for (var i = 0; i < pending.Count; i++)
                {
                    await Blocks.ReleaseAsync($"{DiskRecord.Prefix}{pending.First + i}", cancellation);
                }

                break;
            case PendingKind.Snapshot:
                await Blocks.LetGoAsync($"image-{pending.First}", cancellation);
                break;
            default:
                await Blocks.LetGoAsync(pending.Layer!, cancellation);
                break;
        }

        var change = _journal.Begin().End(pending);
        if (pending.Kind == PendingKind.Release && TryTakeDisk(pending.First) is { } released)
        {
            change.Delete(released.Record).Tell("released", released.Record);
        }

        await change.CommitAsync(cancellation);
        _context.Log.Info("ended what was cut short", ("change", pending.Id));
    }

    /// <summary>The disk server knows sizes best: a resize may have been cut short after it was done.</summary>
    private async ValueTask SynchroniseAsync(CancellationToken cancellation)
    {
        var sizes = await Blocks.SizesAsync(cancellation);
        foreach (var disk in AllDisks.Where(disk => sizes.TryGetValue(disk.Id, out var size) && size != disk.Record.Size))
        {
            await WriteAsync(disk, disk.Record with { Size = sizes[disk.Id] }, cancellation);
        }
    }

    private async ValueTask WriteAsync(Disk disk, DiskRecord record, CancellationToken cancellation)
    {
        await _journal.Begin().Put(record).CommitAsync(cancellation);
        disk.Record = record;
        Disks.Changed(disk.Number);
    }

    private async ValueTask WriteAsync(Image image, ImageRecord record, CancellationToken cancellation)
    {
        await _journal.Begin().Put(record).CommitAsync(cancellation);
        image.Record = record;
        Images.Changed(image.Number);
    }

    private Disk? TryTakeDisk(long number)
    {
        Disk? disk;
        lock (_lock)
        {
            _disks.Remove(number, out disk);
        }

        if (disk is not null)
        {
            disk.State = DiskStates.Released;
            Disks.Remove(number);
        }

        return disk;
    }
}
