using Pewter.Hosting;
using Pewter.NineP;
using Pewter.NineP.Serving;
using Pewter.Tree;

namespace Pewter.Distribution.Blobs;

/// <summary>
/// All blobs of this machine: who may have one more, which go when the room is used up, and the files that go with the last owner of a digest.
/// </summary>
/// <remarks>Owns the blobs and their collection. Safe to call from many threads; one gate serialises what adds and removes.</remarks>
internal sealed class BlobCache(ServiceContext context, BlobDirectory directory, BlobLimits limits) : IAsyncDisposable
{
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly BlobJournal _journal = new(context.Store);
    private Collection<Blob> _blobs = null!;

    internal int Count => _blobs.Count;

    internal long Bytes => All.DistinctBy(blob => blob.Digest ?? $"{blob.Number}").Sum(SizeOf);

    private IEnumerable<Blob> All => _blobs.All().Select(target => target.Item);

    /// <summary>Puts back what an earlier daemon kept; a record whose file is not there is dropped.</summary>
    internal async ValueTask StartAsync(Collection<Blob> blobs, CancellationToken cancellation)
    {
        _blobs = blobs;
        foreach (var record in await _journal.LoadAsync(cancellation))
        {
            if (directory.LengthOf(record.Digest) == record.Size)
            {
                _blobs.Add(record.Number, new Blob(directory, record));
            }
            else
            {
                await _journal.ForgetAsync(record.Number, cancellation);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var blob in All)
        {
            blob.Dispose();
        }

        await _blobs.DisposeAsync();
        _gate.Dispose();
    }

    /// <summary>A blob to be written by whoever opened <c>clone</c>, or to be added.</summary>
    internal Blob Make(NewObject made, string name, string? digest, long? size, bool isBundle)
    {
        var mine = All.Where(blob => blob.Owner.User == made.Owner.User).ToList();
        if (mine.Count >= limits.BlobsPerUser)
        {
            throw new FileException(Errno.EDQUOT,
                $"{made.Owner.User} has {mine.Count} blobs, and {limits.BlobsPerUser} are the limit (BlobsPerUser): drop some.");
        }

        var bytes = mine.Sum(SizeOf);
        if (bytes + (size ?? 0) > limits.BytesPerUser)
        {
            throw new FileException(
                Errno.EDQUOT,
                    $"{made.Owner.User} has {bytes} bytes of blobs, and {limits.BytesPerUser} are the limit (BytesPerUser): {size} more do not fit.");
        }

        return new Blob(directory, made.Number, made.Owner, name, digest, size, isBundle, context.Time.GetUtcNow());
    }

    /// <summary>Finds the caller's blob of a digest, or makes one.</summary>
    internal async ValueTask<TreeObject<Blob>> AddAsync(CommandCall call, CancellationToken cancellation)
    {
        var (digest, size, isBundle) = (call.Word("digest"), call.Int("size"), call.Word("kind", "file") == "bundle");
        if (!Bundle.IsDigest(digest) || size < 0 || (isBundle && size > Bundle.MaxBytes))
        {
            throw new FileException(Errno.EINVAL, "add: a SHA-256 in 64 lower hexadecimal digits and a size, of a bundle at most 1 MiB.");
        }

        await _gate.WaitAsync(cancellation);
        try
        {
            var present = Find(digest, call.Caller);
            if (present is not null && Prove(present.Item))
            {
                present.Item.Used = context.Time.GetUtcNow();
                return present;
            }

            var made = _blobs.Next(call.Caller);
            var blob = Make(made, call.Word("name", "")!, digest, size, isBundle);
            await MakeRoomAsync(size, cancellation);
            var target = _blobs.Add(made.Number, blob);
            if (size == 0)
            {
                blob.SealAll();
                await ReadyAsync(blob, cancellation);
            }

            return target;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>The blob of a digest, or of an id, that a caller may use.</summary>
    /// <exception cref="FileException">ENOENT: there is none.</exception>
    internal Blob Demand(string digestOrId, Caller caller)
    {
        var found = Find(digestOrId, caller) ?? (_blobs.Find(digestOrId) is { } target && MayUse(target.Item, caller) ? target : null);
        if (found is null || !Prove(found.Item))
        {
            throw new FileException(Errno.ENOENT,
                $"There is no blob {digestOrId} of yours on {context.MachineName}: it was never pushed, or has been evicted. Push it again.");
        }

        found.Item.Used = context.Time.GetUtcNow();
        return found.Item;
    }

    internal async ValueTask SealAsync(Blob blob, CancellationToken cancellation)
    {
        blob.SealAll();
        await ReadyAsync(blob, cancellation);
    }

    /// <summary>All of a blob is there: from now on it survives the daemon.</summary>
    internal async ValueTask ReadyAsync(Blob blob, CancellationToken cancellation)
    {
        await _journal.SaveAsync(blob.ToRecord(), cancellation);
        _blobs.Changed(blob.Number);
    }

    internal async ValueTask RemoveAsync(Blob blob, string why, CancellationToken cancellation)
    {
        await ForgetAsync(blob, why, cancellation);
        _blobs.Remove(blob.Number);
    }

    /// <summary>Takes a blob's files and its record away, not its place in the collection.</summary>
    internal async ValueTask ForgetAsync(Blob blob, string why, CancellationToken cancellation)
    {
        blob.Fail(why);
        await _journal.ForgetAsync(blob.Number, cancellation);
        if (blob.Digest is { } digest)
        {
            var others = All.Where(other => other != blob && other.Digest == digest && other.State != BlobState.Gone).ToList();
            if (others.All(other => other.Owner.User != blob.Owner.User))
            {
                directory.Remove(blob.Owner.User, digest, isLast: others.Count == 0);
            }
        }

        blob.Dispose();
    }

    /// <summary>Removes what nobody has used for long, and what never came.</summary>
    internal async ValueTask SweepAsync(CancellationToken cancellation)
    {
        await _gate.WaitAsync(cancellation);
        try
        {
            var now = context.Time.GetUtcNow();
            foreach (var blob in All.Where(blob => now - blob.Used > (blob.State == BlobState.Partial ? limits.PartialAge : limits.MaxAge)).ToList())
            {
                if (blob.State != BlobState.Receiving)
                {
                    await RemoveAsync(blob, "It was evicted: nobody had used it for long.", cancellation);
                }
            }

            await MakeRoomAsync(0, cancellation);
        }
        finally
        {
            _gate.Release();
        }
    }

    // The least recently used go first.
    private async ValueTask MakeRoomAsync(long bytes, CancellationToken cancellation)
    {
        foreach (var blob in All.Where(blob => blob.State == BlobState.Ready).OrderBy(blob => blob.Used).ToList())
        {
            if (Bytes + bytes <= limits.TotalBytes)
            {
                return;
            }

            await RemoveAsync(blob, "It was evicted to make room.", cancellation);
        }

        if (Bytes + bytes > limits.TotalBytes)
        {
            throw new FileException(Errno.ENOSPC,
                $"{context.MachineName} keeps at most {limits.TotalBytes} bytes of blobs (TotalBytes), and {bytes} more do not fit now.");
        }
    }

    private static long SizeOf(Blob blob) => blob.Size ?? blob.Have;

    private TreeObject<Blob>? Find(string digest, Caller caller) =>
        _blobs.All().Where(target => target.Item.Digest == digest && target.Item.State != BlobState.Gone && MayUse(target.Item, caller))
            .MaxBy(target => (target.Item.State, target.Item.Have));

    private static bool MayUse(Blob blob, Caller caller) => AccessPolicy.Allows(caller, blob.Owner, UnixMode.Octal(640), AccessRights.Read);

    private bool Prove(Blob blob)
    {
        try
        {
            blob.Prove();
            return true;
        }
        catch (Exception damaged) when (damaged is FileException or IOException)
        {
            context.Log.Error("a blob was damaged", ("digest", blob.Digest), ("why", damaged.Message));
            _blobs.Remove(blob.Number);
            return false;
        }
    }
}
