using System.Diagnostics;
using Pewter.Testing.Postgres;

namespace Pewter.System.Tests.Stores;

/// <summary>Two whole daemons with state directories of their own on one PostgreSQL: one leads, the other stands by.</summary>
public sealed class TwoDaemonsTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private static readonly TimeSpan TakeOver = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task When_the_leader_is_killed_the_other_has_all_that_was_acknowledged_and_what_runs()
    {
        var database = await postgres.CreateDatabaseAsync("two");
        await using var first = new PewterSystem { Store = database };
        await using var second = new PewterSystem { Store = database };
        await UpAsync(first, "pewterd is up");
        await UpAsync(second, "pewterd stands by");
        Assert.Equal(1, (await second.RunAsync("status")).ExitCode);
        Assert.Contains("another daemon leads", (await second.RunAsync("clean")).Error, StringComparison.Ordinal);

        var canHaveCells = Environment.IsPrivilegedProcess && Programs.Agent is not null;
        if (canHaveCells)
        {
            var alloc = await first.RunAsync("node", "alloc", "-n", "2", "--wait");
            Assert.True(alloc.ExitCode == 0, alloc.Error);
        }

        Assert.Equal(0, (await first.RunAsync("token", "create", "lab", "--note", "kept")).ExitCode);
        var authority = (await first.RunAsync("ca", "show")).Output;
        Assert.Equal(0, (await first.RunAsync("write", "/ctl", "note", "acknowledged")).ExitCode);
        var killed = Stopwatch.GetTimestamp();
        await first.KillAsync();
        while ((await second.RunAsync("version")).Output.Contains("not running", StringComparison.Ordinal))
        {
            Assert.True(Stopwatch.GetElapsedTime(killed) < TimeSpan.FromSeconds(60), "the other does not lead");
        }

        var took = Stopwatch.GetElapsedTime(killed);
        TestContext.Current.SendDiagnosticMessage($"the other answers after {took.TotalSeconds:0.0} s (promised: {TakeOver.TotalSeconds} s)");
        Assert.Contains("\"text\":\"acknowledged\"", (await second.RunAsync("events", "-o", "json")).Output, StringComparison.Ordinal);
        Assert.Contains("kept", (await second.RunAsync("token", "list")).Output, StringComparison.Ordinal);
        Assert.Equal(authority, (await second.RunAsync("ca", "show")).Output);
        if (canHaveCells)
        {
            var nodes = await second.RunAsync("node", "list", "kind=cell", "-o", "json");
            Assert.Equal(["ready", "ready"], nodes.Nodes("state"));
        }
    }

    private static async Task UpAsync(PewterSystem system, string message)
    {
        var up = await system.RunAsync("up", "--detach");
        Assert.True(up.ExitCode == 0, up.Error);
        Assert.Contains(message, up.Error, StringComparison.Ordinal);
    }
}
