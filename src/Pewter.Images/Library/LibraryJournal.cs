using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Pewter.Hosting.Events;
using Pewter.Store;

namespace Pewter.Images.Library;

/// <summary>
/// What is durable about images and disks: records, what is pending, quotas, counters, and the events of the whole system, each change in one
/// commit. Commits are queued in the order of the counters in them, so that these never go back.
/// </summary>
internal sealed class LibraryJournal(StateStore store, Func<LibraryCounters> counters, Func<string, ValueTask>? atStep)
{
    private const int EIO = 5;
    private const string Topic = "system";
    private const string ImageKind = "image-image";
    private const string DiskKind = "image-disk";
    private const string PendingKindName = "image-pending";
    private const string QuotaKind = "image-quota";
    private const string CounterKind = "image-counter";
    private const string CounterId = "library";

    private readonly Lock _order = new();

    /// <summary>A change in the making.</summary>
    public Change Begin() => new(this);

    /// <summary>All that is stored.</summary>
    public static async ValueTask<LibraryContent> LoadAsync(StateStore store, CancellationToken cancellation)
    {
        var counters = await store.ReadAsync(CounterKind, CounterId, cancellation) is { } stored
            ? Read(stored, LibraryJson.Default.LibraryCounters) : LibraryCounters.None;
        return new LibraryContent(
            counters,
            await AllAsync(store, ImageKind, LibraryJson.Default.ImageRecord, cancellation),
            await AllAsync(store, DiskKind, LibraryJson.Default.DiskRecord, cancellation),
            await AllAsync(store, PendingKindName, LibraryJson.Default.PendingRecord, cancellation),
            await AllAsync(store, QuotaKind, LibraryJson.Default.QuotaRecord, cancellation));
    }

    private static async ValueTask<IReadOnlyList<T>> AllAsync<T>(
        StateStore store, string kind, JsonTypeInfo<T> json, CancellationToken cancellation)
    {
        var all = new List<T>();
        await foreach (var stored in store.ReadAllAsync(kind, cancellation))
        {
            all.Add(Read(stored, json));
        }

        return all;
    }

    private static T Read<T>(StoredEntity stored, JsonTypeInfo<T> json)
    {
        try
        {
            return JsonSerializer.Deserialize(stored.Body.Span, json) ?? throw new JsonException("It is null.");
        }
        catch (JsonException failure)
        {
            throw new StoreException(
                EIO, $"The stored {stored.Key} cannot be read: {failure.Message} Run the version that wrote it.", inner: failure);
        }
    }

    private async ValueTask CommitAsync(CommitBatch batch, CancellationToken cancellation)
    {
        await (atStep?.Invoke("before commit") ?? default);
        ValueTask<CommitResult> commit;
        lock (_order)
        {
            batch.Put(CounterKind, CounterId, JsonSerializer.SerializeToUtf8Bytes(counters(), LibraryJson.Default.LibraryCounters));
            commit = store.CommitAsync(batch, cancellation);
        }

        var result = await commit;
        if (!result.Committed)
        {
            throw new InvalidOperationException($"Something writes images beside the image service: {result.Conflict}");
        }

        await (atStep?.Invoke("after commit") ?? default);
    }

    /// <summary>What becomes durable together. Used once, by one task.</summary>
    public sealed class Change(LibraryJournal journal)
    {
        private readonly CommitBatch _batch = new();

        public Change Put(ImageRecord image)
        {
            _batch.Put(ImageKind, image.Id, JsonSerializer.SerializeToUtf8Bytes(image, LibraryJson.Default.ImageRecord));
            return this;
        }

        public Change Put(DiskRecord disk)
        {
            _batch.Put(DiskKind, disk.Id, JsonSerializer.SerializeToUtf8Bytes(disk, LibraryJson.Default.DiskRecord));
            return this;
        }

        public Change Put(QuotaRecord quota)
        {
            _batch.Put(QuotaKind, quota.User, JsonSerializer.SerializeToUtf8Bytes(quota, LibraryJson.Default.QuotaRecord));
            return this;
        }

        public Change Begin(PendingRecord pending)
        {
            _batch.Put(PendingKindName, pending.Id, JsonSerializer.SerializeToUtf8Bytes(pending, LibraryJson.Default.PendingRecord));
            return this;
        }

        public Change End(PendingRecord pending)
        {
            _batch.Delete(PendingKindName, pending.Id);
            return this;
        }

        public Change Delete(ImageRecord image)
        {
            _batch.Delete(ImageKind, image.Id);
            return this;
        }

        public Change Delete(DiskRecord disk)
        {
            _batch.Delete(DiskKind, disk.Id);
            return this;
        }

        public Change DeleteQuota(string user)
        {
            _batch.Delete(QuotaKind, user);
            return this;
        }

        public Change Tell(string name, ImageRecord image, Action<Utf8JsonWriter>? members = null)
        {
            _batch.Append(Topic, EventBody.Write($"image.{name}", $"/image/{image.Id}", image.IsPublic ? null : image.Owner, json =>
            {
                json.WriteString("name", image.Name);
                members?.Invoke(json);
            }));
            return this;
        }

        public Change Tell(string name, DiskRecord disk, Action<Utf8JsonWriter>? members = null)
        {
            _batch.Append(Topic, EventBody.Write($"disk.{name}", $"/disk/{disk.Id}", disk.Owner, members));
            return this;
        }

        /// <summary>Makes it durable.</summary>
        public ValueTask CommitAsync(CancellationToken cancellation) => journal.CommitAsync(_batch, cancellation);
    }
}
