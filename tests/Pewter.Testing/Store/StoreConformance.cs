using System.Text;
using Pewter.Store;
using Xunit;

namespace Pewter.Testing.Store;

/// <summary>
/// The contract of <see cref="StateStore"/> as tests: every backend derives from this and must pass. One instance is one test with storage of its
/// own; opening again opens the same storage.
/// </summary>
public abstract class StoreConformance
{
    protected static CancellationToken Ending => TestContext.Current.CancellationToken;

    /// <summary>Opens this test's storage.</summary>
    protected abstract StateStore Open(StoreLimits? limits = null);

    private async Task<StateStore> LeadAsync(StoreLimits? limits = null)
    {
        var store = Open(limits);
        await store.LeadAsync(Ending);
        return store;
    }

    [Fact]
    public async Task What_is_put_is_read_byte_for_byte()
    {
        await using var store = await LeadAsync();
        var bytes = Enumerable.Range(0, 256).Select(i => (byte)i).ToArray();
        var result = await store.CommitAsync(new CommitBatch().Put("node", "n'1 \"ü🙂", bytes).Put("node", "empty", default), Ending);
        Assert.True(result.Committed);
        var stored = await store.ReadAsync("node", "n'1 \"ü🙂", Ending);
        Assert.Equal(bytes, stored!.Body.ToArray());
        Assert.Equal(result.Revision, stored.Version);
        Assert.Equal(0, (await store.ReadAsync("node", "empty", Ending))!.Body.Length);
        Assert.Null(await store.ReadAsync("node", "n2", Ending));
        Assert.Null(await store.ReadAsync("disk", "empty", Ending));
    }

    [Fact]
    public async Task Creating_what_exists_conflicts_and_nothing_of_the_batch_is_kept()
    {
        await using var store = await LeadAsync();
        var first = await store.CommitAsync(new CommitBatch().Create("node", "n1", Text("first")), Ending);
        var second = await store.CommitAsync(
            new CommitBatch().Put("node", "n2", Text("x")).Create("node", "n1", Text("second")).Append("node", Text("made")), Ending);
        Assert.False(second.Committed);
        Assert.Equal(new StoreConflict(new EntityKey("node", "n1"), 0, first.Revision), second.Conflict);
        Assert.Contains("exists already", second.Conflict.ToString());
        Assert.Equal(["n1=first"], await ContentsAsync(store, "node"));
        Assert.Empty(await EventsAsync(store, 0));
    }

    [Fact]
    public async Task A_write_over_a_newer_version_conflicts()
    {
        await using var store = await LeadAsync();
        var old = (await store.CommitAsync(new CommitBatch().Put("node", "n1", Text("1")), Ending)).Revision;
        var now = (await store.CommitAsync(new CommitBatch().Replace("node", "n1", old, Text("2")), Ending)).Revision;
        Assert.True(now > old);
        Assert.False((await store.CommitAsync(new CommitBatch().Replace("node", "n1", old, Text("3")), Ending)).Committed);
        Assert.False((await store.CommitAsync(new CommitBatch().Delete("node", "n1", old), Ending)).Committed);
        Assert.False((await store.CommitAsync(new CommitBatch().Require("node", "n1", old).Put("node", "n2", Text("4")), Ending)).Committed);
        Assert.Equal(["n1=2"], await ContentsAsync(store, "node"));
        Assert.True((await store.CommitAsync(new CommitBatch().Require("node", "n1", now).Put("node", "n2", Text("4")), Ending)).Committed);
        Assert.True((await store.CommitAsync(new CommitBatch().Delete("node", "n1", now).Delete("node", "never"), Ending)).Committed);
        Assert.Equal(["n2=4"], await ContentsAsync(store, "node"));
    }

    [Fact]
    public async Task A_version_does_not_come_back_with_a_deleted_entity()
    {
        await using var store = await LeadAsync();
        var first = (await store.CommitAsync(new CommitBatch().Create("node", "n1", Text("1")), Ending)).Revision;
        await store.CommitAsync(new CommitBatch().Delete("node", "n1"), Ending);
        await store.CommitAsync(new CommitBatch().Create("node", "n1", Text("2")), Ending);
        Assert.False((await store.CommitAsync(new CommitBatch().Replace("node", "n1", first, Text("3")), Ending)).Committed);
    }

    [Fact]
    public async Task Of_many_who_create_the_same_at_once_one_wins()
    {
        await using var store = await LeadAsync();
        var results = await Task.WhenAll(Enumerable.Range(0, 100).Select(
            i => store.CommitAsync(new CommitBatch().Create("node", "n1", Text($"{i}")).Append("node", Text($"{i}")), Ending).AsTask()));
        var winner = Assert.Single(Enumerable.Range(0, 100), i => results[i].Committed);
        Assert.Equal([$"n1={winner}"], await ContentsAsync(store, "node"));
        Assert.Equal([$"{winner}"], (await EventsAsync(store, 0)).Select(Body));
    }

    [Fact]
    public async Task A_thousand_commits_at_once_are_all_there_with_versions_of_their_own()
    {
        await using var store = await LeadAsync();
        var results = await Task.WhenAll(Enumerable.Range(0, 1000).Select(
            i => store.CommitAsync(new CommitBatch().Create("node", $"n{i:d4}", Text($"{i}")), Ending).AsTask()));
        Assert.All(results, result => Assert.True(result.Committed));
        Assert.Equal(1000, results.Select(result => result.Revision).Distinct().Count());
        Assert.Equal(Enumerable.Range(0, 1000).Select(i => $"n{i:d4}={i}"), await ContentsAsync(store, "node"));
    }

    [Fact]
    public async Task Events_are_one_sequence_without_gaps_and_can_be_read_from_anywhere()
    {
        await using var store = await LeadAsync();
        for (var i = 0; i < 700; i++)
        {
            var result = await store.CommitAsync(new CommitBatch().Append("a", Text($"a{i}")).Append("b", Text($"b{i}")), Ending);
            Assert.Equal(2 * i + 1, result.FirstEvent);
        }
        var all = await EventsAsync(store, 0);
        Assert.Equal(Enumerable.Range(1, 1400).Select(i => (long)i), all.Select(e => e.Sequence));
        Assert.Equal(["a0", "b0", "a1"], all.Take(3).Select(Body));
        Assert.Equal(["b698", "a699", "b699"], (await EventsAsync(store, 1397)).Select(Body));
        Assert.Equal(["b698", "b699"], (await EventsAsync(store, 1396, "b")).Select(Body));
        Assert.Equal(700, (await EventsAsync(store, 0, "a")).Count);
        Assert.Empty(await EventsAsync(store, 1400));
        Assert.InRange(all[0].Time, DateTimeOffset.UnixEpoch.AddYears(50), DateTimeOffset.UnixEpoch.AddYears(200));
    }

    [Fact]
    public async Task A_follower_gets_what_was_and_what_comes_until_the_store_closes()
    {
        var store = await LeadAsync();
        await store.CommitAsync(new CommitBatch().Append("a", Text("0")), Ending);
        var seen = new List<string>();
        var both = new TaskCompletionSource();
        var follower = Task.Run(async () =>
        {
            await foreach (var stored in store.FollowEventsAsync(0, "a", Ending))
            {
                seen.Add(Body(stored));
                if (seen.Count == 2)
                    both.SetResult();
            }
        }, Ending);
        await store.CommitAsync(new CommitBatch().Append("b", Text("other")), Ending);
        await store.CommitAsync(new CommitBatch().Append("a", Text("1")), Ending);
        await both.Task.WaitAsync(TimeSpan.FromSeconds(10), Ending);
        await store.DisposeAsync();
        await follower.WaitAsync(TimeSpan.FromSeconds(10), Ending);
        Assert.Equal(["0", "1"], seen);
    }

    [Fact]
    public async Task Who_resumes_before_the_dropped_events_is_told_and_their_numbers_do_not_come_back()
    {
        await using (var store = await LeadAsync())
        {
            for (var i = 1; i <= 10; i++)
                await store.CommitAsync(new CommitBatch().Append("a", Text($"{i}")), Ending);
            Assert.Equal(8, await store.DropEventsAsync(8, Ending));
            Assert.Equal(["8", "9", "10"], (await EventsAsync(store, 7)).Select(Body));
            Assert.Equal(["8", "9", "10"], (await EventsAsync(store, 0)).Select(Body));
            var gone = await Assert.ThrowsAsync<StoreException>(() => EventsAsync(store, 6));
            Assert.Equal(61, gone.Errno);
            Assert.Equal(11, await store.DropEventsAsync(1000, Ending));
        }
        await using var again = await LeadAsync();
        Assert.Equal(11, (await again.CommitAsync(new CommitBatch().Append("a", Text("11")), Ending)).FirstEvent);
        Assert.Equal(["11"], (await EventsAsync(again, 10)).Select(Body));
    }

    [Fact]
    public async Task Old_events_are_dropped_at_the_limit()
    {
        await using var store = await LeadAsync(new StoreLimits { EventsKept = 100 });
        for (var i = 1; i <= 300; i++)
            await store.CommitAsync(new CommitBatch().Append("a", Text($"{i}")), Ending);
        var kept = await EventsAsync(store, 0);
        Assert.InRange(kept.Count, 100, 110);
        Assert.Equal(300, kept[^1].Sequence);
    }

    [Fact]
    public async Task Ids_are_given_once_also_to_many_at_once_and_after_a_restart()
    {
        var given = new List<long>();
        for (var run = 0; run < 3; run++)
        {
            await using var store = await LeadAsync();
            given.AddRange(await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => store.NextIdAsync("node", Ending).AsTask())));
            Assert.Equal(run + 1, await store.NextIdAsync("disk", Ending));
        }
        Assert.Equal(Enumerable.Range(1, 300).Select(i => (long)i), given.Order());
    }

    [Fact]
    public async Task Everything_is_there_after_a_restart()
    {
        long version;
        await using (var store = await LeadAsync())
        {
            version = (await store.CommitAsync(new CommitBatch().Put("node", "n1", Text("1")).Append("node", Text("e")), Ending)).Revision;
        }
        await using var again = await LeadAsync();
        Assert.Equal(version, (await again.ReadAsync("node", "n1", Ending))!.Version);
        Assert.Equal(["e"], (await EventsAsync(again, 0)).Select(Body));
        Assert.True((await again.CommitAsync(new CommitBatch().Put("node", "n2", Text("2")), Ending)).Revision > version);
    }

    [Fact]
    public async Task Each_opening_that_leads_has_a_higher_term()
    {
        long first;
        await using (var store = Open())
            first = (await store.LeadAsync(Ending)).Term;
        await using var again = Open();
        var leadership = await again.LeadAsync(Ending);
        Assert.True(leadership.Term > first);
        Assert.Same(leadership, await again.LeadAsync(Ending));
    }

    [Fact]
    public async Task Before_leading_nothing_can_be_changed()
    {
        await using var store = Open();
        var failure = await Assert.ThrowsAsync<StoreException>(
            () => store.CommitAsync(new CommitBatch().Put("node", "n1", Text("1")), Ending).AsTask());
        Assert.Equal(30, failure.Errno);
    }

    [Fact]
    public async Task Upgrades_run_once_in_order_and_each_as_one_commit()
    {
        var runs = new List<int>();
        SchemaUpgrade first = new(1, (_, batch, _) => { runs.Add(1); batch.Put("node", "n1", Text("one")); return default; });
        SchemaUpgrade second = new(2, async (store, batch, cancellation) =>
        {
            runs.Add(2);
            await foreach (var stored in store.ReadAllAsync("node", cancellation))
                batch.Replace("node", stored.Key.Id, stored.Version, Text(Body(stored) + "+two"));
        });
        await using (var store = await LeadAsync())
            await store.UpgradeAsync("nodes", [first], Ending);
        await using var again = await LeadAsync();
        await again.UpgradeAsync("nodes", [first, second], Ending);
        await again.UpgradeAsync("nodes", [first, second], Ending);
        await again.UpgradeAsync("others", [], Ending);
        Assert.Equal([1, 2], runs);
        Assert.Equal(["n1=one+two"], await ContentsAsync(again, "node"));
        var newer = await Assert.ThrowsAsync<StoreException>(() => again.UpgradeAsync("nodes", [first], Ending).AsTask());
        Assert.Equal(71, newer.Errno);
        Assert.Contains("run the newer version", newer.Message);
    }

    [Fact]
    public async Task All_of_a_kind_come_in_the_order_of_their_bytes()
    {
        await using var store = await LeadAsync();
        string[] ids = ["a", "B", "a!", "ab", "é", "\uff5e", "😀", "10", "9", "_"];
        var batch = new CommitBatch();
        foreach (var id in ids)
            batch.Put("node", id, Text("x"));
        await store.CommitAsync(batch.Put("nod", "zz", default).Put("node2", "aa", default), Ending);
        var expected = ids.OrderBy(id => Convert.ToHexString(Encoding.UTF8.GetBytes(id)), StringComparer.Ordinal).Select(id => $"{id}=x");
        Assert.Equal(expected, await ContentsAsync(store, "node"));
    }

    [Fact]
    public async Task What_is_too_large_is_refused()
    {
        await using var store = await LeadAsync(new StoreLimits { BodyBytes = 10, BatchOperations = 2 });
        var large = await Assert.ThrowsAsync<StoreException>(
            () => store.CommitAsync(new CommitBatch().Put("node", "n1", new byte[11]), Ending).AsTask());
        Assert.Equal(7, large.Errno);
        var many = new CommitBatch().Put("node", "n1", default).Put("node", "n2", default).Append("node", default);
        await Assert.ThrowsAsync<StoreException>(() => store.CommitAsync(many, Ending).AsTask());
        Assert.True((await store.CommitAsync(new CommitBatch().Put("node", "n1", new byte[10]), Ending)).Committed);
    }

    [Fact]
    public async Task A_cancelled_commit_is_not_written()
    {
        await using var store = await LeadAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => store.CommitAsync(new CommitBatch().Put("node", "n1", Text("1")), new CancellationToken(true)).AsTask());
        await store.CommitAsync(new CommitBatch().Put("node", "n2", Text("2")), Ending);
        Assert.Equal(["n2=2"], await ContentsAsync(store, "node"));
    }

    [Fact]
    public async Task A_closed_store_answers_so()
    {
        var store = await LeadAsync();
        await store.DisposeAsync();
        var failure = await Assert.ThrowsAsync<StoreException>(
            () => store.CommitAsync(new CommitBatch().Put("node", "n1", Text("1")), Ending).AsTask());
        Assert.Equal(108, failure.Errno);
        await Assert.ThrowsAsync<StoreException>(() => store.LeadAsync(Ending).AsTask());
    }

    [Fact]
    public async Task Random_batches_do_what_a_dictionary_does()
    {
        var random = new Random(20);
        var model = new SortedDictionary<string, (long Version, string Body)>(StringComparer.Ordinal);
        for (var run = 0; run < 3; run++)
        {
            await using var store = await LeadAsync();
            for (var step = 0; step < 60; step++)
                await RandomStepAsync(store, model, random);
            Assert.Equal(model.Select(e => $"{e.Key}={e.Value.Body}"), await ContentsAsync(store, "m"));
        }
    }

    private static async Task RandomStepAsync(
        StateStore store, SortedDictionary<string, (long Version, string Body)> model, Random random)
    {
        var batch = new CommitBatch();
        var changes = new List<(string Id, string? Body)>();
        var conflicts = false;
        foreach (var number in Enumerable.Range(0, 12).OrderBy(_ => random.Next()).Take(random.Next(1, 12)))
        {
            var (id, body) = ($"{number:x}", $"{random.Next()}");
            var version = random.Next(20) == 0 ? random.Next(1, 50) : model.TryGetValue(id, out var entry) ? entry.Version : 0;
            var real = model.TryGetValue(id, out var found) ? found.Version : 0;
            switch (random.Next(4))
            {
                case 0:
                    batch.Put("m", id, Text(body));
                    changes.Add((id, body));
                    break;
                case 1:
                    batch.Replace("m", id, version, Text(body));
                    changes.Add((id, body));
                    conflicts |= version != real;
                    break;
                case 2:
                    batch.Delete("m", id);
                    changes.Add((id, null));
                    break;
                default:
                    batch.Require("m", id, version);
                    conflicts |= version != real;
                    break;
            }
        }
        var result = await store.CommitAsync(batch, Ending);
        Assert.Equal(!conflicts, result.Committed);
        foreach (var (id, body) in result.Committed ? changes : [])
            if (body is null)
                model.Remove(id);
            else
                model[id] = (result.Revision, body);
    }

    private protected static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);

    private static string Body(StoredEntity stored) => Encoding.UTF8.GetString(stored.Body.Span);

    private static string Body(StoredEvent stored) => Encoding.UTF8.GetString(stored.Body.Span);

    private static async Task<List<string>> ContentsAsync(StateStore store, string kind)
    {
        var contents = new List<string>();
        await foreach (var stored in store.ReadAllAsync(kind, Ending))
            contents.Add($"{stored.Key.Id}={Body(stored)}");
        return contents;
    }

    private static async Task<List<StoredEvent>> EventsAsync(StateStore store, long since, string? topic = null)
    {
        var events = new List<StoredEvent>();
        await foreach (var stored in store.ReadEventsAsync(since, topic, Ending))
            events.Add(stored);
        return events;
    }
}
