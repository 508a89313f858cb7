using System.Globalization;
using System.Text.Json;
using Pewter.Store;

namespace Pewter.Distribution.Blobs;

/// <summary>The blobs in the store. A call has returned only when the change is durable.</summary>
internal sealed class BlobJournal(StateStore store)
{
    private const string Kind = "blob";

    /// <summary>All blobs, in the order of their numbers.</summary>
    internal async ValueTask<IReadOnlyList<BlobRecord>> LoadAsync(CancellationToken cancellation)
    {
        var table = await store.LoadTableAsync(Kind, BlobJson.Default.BlobRecord, cancellation);
        return [.. table.Snapshot.Values.Select(entity => entity.Value).OrderBy(record => record.Number)];
    }

    internal async ValueTask SaveAsync(BlobRecord record, CancellationToken cancellation)
    {
        var batch = new CommitBatch();
        batch.Put(Kind, Id(record.Number), JsonSerializer.SerializeToUtf8Bytes(record, BlobJson.Default.BlobRecord));
        await store.CommitAsync(batch, cancellation);
    }

    internal async ValueTask ForgetAsync(long number, CancellationToken cancellation)
    {
        var batch = new CommitBatch();
        batch.Delete(Kind, Id(number));
        await store.CommitAsync(batch, cancellation);
    }

    private static string Id(long number) => number.ToString(CultureInfo.InvariantCulture);
}
