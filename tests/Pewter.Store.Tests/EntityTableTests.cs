using System.Text;
using System.Text.Json.Serialization;

namespace Pewter.Store.Tests;

internal sealed record Disk(string State, long Size);

[JsonSerializable(typeof(Disk))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class EntityTableJson : JsonSerializerContext;

public sealed class EntityTableTests : IAsyncDisposable
{
    private readonly MemoryDisk _disk = new();
    private readonly StateStore _store;

    public EntityTableTests() => _store = StateStore.OpenMemory(_disk);

    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    [Fact]
    public async Task The_snapshot_shows_what_is_committed_and_a_restart_shows_the_same()
    {
        var table = await LoadAsync(_store);
        Assert.True(await table.CreateAsync("d1", new Disk("ready", 1), Ending));
        Assert.False(await table.CreateAsync("d1", new Disk("ready", 2), Ending));
        Assert.True(await table.CreateAsync("d2", new Disk("ready", 3), Ending));
        Assert.True(await table.DeleteAsync("d2", Ending));
        Assert.False(await table.DeleteAsync("d2", Ending));
        var entity = await table.UpdateAsync("d1", disk => disk with { State = "busy" }, Ending);
        Assert.Null(await table.UpdateAsync("d2", disk => disk with { State = "busy" }, Ending));
        Assert.Equal(new Disk("busy", 1), Assert.Single(table.Snapshot).Value.Value);
        Assert.Equal(entity, table.Find("d1"));
        Assert.Equal("""{"state":"busy","size":1}""", Encoding.UTF8.GetString((await _store.ReadAsync("disk", "d1", Ending))!.Body.Span));
        await _store.DisposeAsync();
        await using var again = StateStore.OpenMemory(_disk);
        Assert.Equal(entity, (await LoadAsync(again)).Find("d1"));
    }

    [Fact]
    public async Task A_refused_batch_leaves_every_snapshot_alone()
    {
        var table = await LoadAsync(_store);
        await table.CreateAsync("d1", new Disk("ready", 1), Ending);
        var stale = table.Find("d1")!;
        await table.UpdateAsync("d1", disk => disk with { Size = 2 }, Ending);
        var before = table.Snapshot;
        var batch = new CommitBatch();
        table.Create(batch, "d2", new Disk("ready", 9));
        table.Replace(batch, stale, new Disk("ready", 9));
        Assert.False((await _store.CommitAsync(batch, Ending)).Committed);
        Assert.Same(before, table.Snapshot);
    }

    [Fact]
    public async Task Updates_at_once_are_all_made()
    {
        var table = await LoadAsync(_store);
        await table.CreateAsync("d1", new Disk("ready", 0), Ending);
        await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(
            async () => await table.UpdateAsync("d1", disk => disk with { Size = disk.Size + 1 }, Ending))));
        Assert.Equal(50, table.Find("d1")!.Value.Size);
    }

    [Fact]
    public async Task An_update_that_changes_nothing_writes_nothing()
    {
        var table = await LoadAsync(_store);
        await table.CreateAsync("d1", new Disk("ready", 0), Ending);
        var before = table.Find("d1");
        Assert.Same(before, await table.UpdateAsync("d1", disk => disk, Ending));
        Assert.Same(before, table.Find("d1"));
    }

    [Fact]
    public async Task A_writer_beside_the_table_is_a_bug_that_shows()
    {
        var table = await LoadAsync(_store);
        await table.CreateAsync("d1", new Disk("ready", 0), Ending);
        await _store.CommitAsync(new CommitBatch().Put("disk", "d1", "{}"u8.ToArray()), Ending);
        await Assert.ThrowsAsync<InvalidOperationException>(
            () => table.UpdateAsync("d1", disk => disk with { Size = 1 }, Ending).AsTask());
    }

    [Fact]
    public async Task An_entity_that_cannot_be_read_is_named()
    {
        await _store.LeadAsync(Ending);
        await _store.CommitAsync(new CommitBatch().Put("disk", "d7", "{\"size\":\"large\"}"u8.ToArray()), Ending);
        var failure = await Assert.ThrowsAsync<StoreException>(() => LoadAsync(_store));
        Assert.Equal(5, failure.Errno);
        Assert.StartsWith("The stored disk/d7 cannot be read", failure.Message);
    }

    [Fact]
    public async Task Intent_and_outcome_are_commits_with_their_events_and_the_intent_survives_a_crash_between_them()
    {
        var table = await LoadAsync(_store);
        var intent = new CommitBatch();
        table.Create(intent, "d1", new Disk("creating", 1));
        intent.Append("disk", new Disk("creating", 1), EntityTableJson.Default.Disk);
        (await _store.CommitAsync(intent, Ending)).OrThrow();
        await _store.DisposeAsync();

        await using var again = StateStore.OpenMemory(_disk);
        var replayed = await LoadAsync(again);
        var underWay = Assert.Single(replayed.Snapshot.Values, entity => entity.Value.State == "creating");
        var outcome = new CommitBatch();
        replayed.Replace(outcome, underWay, underWay.Value with { State = "ready" });
        outcome.Append("disk", new Disk("ready", 1), EntityTableJson.Default.Disk);
        Assert.Equal(2, (await again.CommitAsync(outcome, Ending)).FirstEvent);
        Assert.Equal("ready", replayed.Find("d1")!.Value.State);
    }

    private static async Task<EntityTable<Disk>> LoadAsync(StateStore store)
    {
        await store.LeadAsync(Ending);
        return await store.LoadTableAsync("disk", EntityTableJson.Default.Disk, Ending);
    }
}
