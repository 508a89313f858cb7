using System.Diagnostics;
using Npgsql;
using Pewter.Testing.Postgres;

namespace Pewter.Store.Tests;

public sealed class LeadershipTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private static readonly TimeSpan TakeOver = TimeSpan.FromSeconds(5);

    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    [Fact]
    public async Task When_the_leader_is_killed_the_other_leads_within_5_s_and_nothing_acknowledged_is_lost()
    {
        var database = await postgres.CreateDatabaseAsync("killed");
        var hosts = new List<StoreHost> { new("postgres", database) };
        var slowest = TimeSpan.Zero;
        await hosts[0].Leads.WaitAsync(Ending);
        for (var round = 0; round < Soak.Rounds(slice: 3, full: 100); round++)
        {
            var (leader, other) = (hosts[^1], new StoreHost("postgres", database));
            hosts.Add(other);
            await leader.Works.WaitAsync(Ending);
            await Task.Delay(500, Ending);
            Assert.False(other.Leads.IsCompleted, "two lead at once");
            var watch = Stopwatch.StartNew();
            await leader.KillAsync();
            var term = await other.Leads.WaitAsync(Ending);
            slowest = watch.Elapsed > slowest ? watch.Elapsed : slowest;
            Assert.True(term > await leader.Leads);
        }
        await hosts[^1].Works.WaitAsync(Ending);
        await hosts[^1].KillAsync();
        TestContext.Current.SendDiagnosticMessage($"slowest take-over {slowest}");
        Assert.True(slowest < TakeOver, $"taking over took {slowest}");
        await VerifyAsync(database, hosts);
        Assert.All(hosts, host => Assert.NotEmpty(host.Acknowledged));
    }

    [Fact]
    public async Task A_frozen_leader_is_deposed_within_5_s_and_when_it_wakes_it_can_change_nothing()
    {
        var database = await postgres.CreateDatabaseAsync("frozen");
        await using var frozen = new StoreHost("postgres", database);
        await frozen.Leads.WaitAsync(Ending);
        await using var other = new StoreHost("postgres", database);
        await Task.Delay(500, Ending);
        var watch = Stopwatch.StartNew();
        await frozen.SignalAsync("STOP");
        await other.Leads.WaitAsync(Ending);
        Assert.True(watch.Elapsed < TakeOver, $"taking over took {watch.Elapsed}");
        await other.Works.WaitAsync(Ending);
        await frozen.SignalAsync("CONT");
        await frozen.FirstFailure.WaitAsync(TimeSpan.FromSeconds(10), Ending);
        await frozen.EndAsync();
        await other.KillAsync();
        await VerifyAsync(database, [frozen, other]);
    }

    [Fact]
    public async Task A_commit_of_an_older_term_writes_nothing_and_ends_the_lead()
    {
        var database = await postgres.CreateDatabaseAsync("fenced");
        await using var store = StateStore.OpenPostgres(database);
        var leadership = await store.LeadAsync(Ending);
        await using (var connection = new NpgsqlConnection(database))
        {
            await connection.OpenAsync(Ending);
            await using var depose = new NpgsqlCommand("UPDATE pewter.head SET term = term + 1", connection);
            await depose.ExecuteNonQueryAsync(Ending);
        }
        var failure = await Assert.ThrowsAsync<StoreException>(
            () => store.CommitAsync(new CommitBatch().Put("a", "x", "1"u8.ToArray()), Ending).AsTask());
        Assert.Equal(116, failure.Errno);
        Assert.True(leadership.Lost.IsCancellationRequested);
        Assert.Null(await store.ReadAsync("a", "x", Ending));
        var again = await store.LeadAsync(Ending);
        Assert.True(again.Term > leadership.Term + 1);
        Assert.True((await store.CommitAsync(new CommitBatch().Put("a", "x", "1"u8.ToArray()), Ending)).Committed);
    }

    [Fact]
    public async Task A_leader_without_work_learns_that_its_server_is_gone_and_leads_again_when_it_is_back()
    {
        await using var own = new PostgresFixture();
        _ = own.ConnectionString;
        await own.InitializeAsync();
        await using var store = StateStore.OpenPostgres(own.ConnectionString);
        var leadership = await store.LeadAsync(Ending);
        await store.CommitAsync(new CommitBatch().Put("a", "x", "1"u8.ToArray()), Ending);
        var lost = new TaskCompletionSource();
        leadership.Lost.Register(lost.SetResult);
        await own.CrashAsync();
        await lost.Task.WaitAsync(TakeOver, Ending);
        var failure = await Assert.ThrowsAsync<StoreException>(
            () => store.CommitAsync(new CommitBatch().Put("a", "x", "2"u8.ToArray()), Ending).AsTask());
        Assert.Equal(116, failure.Errno);
        var again = store.LeadAsync(Ending).AsTask();
        await own.StartAsync();
        Assert.True((await again).Term > leadership.Term);
        Assert.Equal("1"u8.ToArray(), (await store.ReadAsync("a", "x", Ending))!.Body.ToArray());
    }

    [Fact]
    public void A_server_that_does_not_answer_is_a_sentence()
    {
        var failure = Assert.Throws<StoreException>(
            () => StateStore.OpenPostgres($"Host={postgres.SocketDirectory};Port=1;Username=postgres;Database=postgres"));
        Assert.Equal(104, failure.Errno);
        Assert.Contains("does not answer", failure.Message);
    }

    [Fact]
    public async Task A_schema_of_a_newer_version_is_refused()
    {
        var database = await postgres.CreateDatabaseAsync("newer");
        await using (var store = StateStore.OpenPostgres(database))
            await store.LeadAsync(Ending);
        await using (var connection = new NpgsqlConnection(database))
        {
            await connection.OpenAsync(Ending);
            await using var command = new NpgsqlCommand("UPDATE pewter.schema_number SET number = 1000", connection);
            await command.ExecuteNonQueryAsync(Ending);
        }
        Assert.Equal(71, Assert.Throws<StoreException>(() => StateStore.OpenPostgres(database)).Errno);
    }

    private static async Task VerifyAsync(string database, List<StoreHost> hosts)
    {
        await using var store = StateStore.OpenPostgres(database);
        await store.LeadAsync(Ending);
        var contents = await StoreContents.ReadAsync(store, Ending);
        foreach (var host in hosts)
        {
            contents.Verify(host);
            await host.DisposeAsync();
        }
    }
}
