using Pewter.Store;
using Pewter.Testing;

namespace Pewter.Machines.Tests.Nodes;

/// <summary>The daemon is killed at every step of an allocation and of a release; the next one finds the same world and the same store.</summary>
public sealed class NodeCrashTests
{
    private readonly FakeWorld _world = new();
    private readonly MemoryDisk _disk = new();

    public static TheoryData<string, bool> Points
    {
        get
        {
            var data = new TheoryData<string, bool>();
            foreach (var point in FakeKind.Points())
            {
                data.Add(point, false);
                data.Add(point, true);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Points))]
    public async Task Killed_at_any_step_the_next_daemon_leaves_no_half_node(string point, bool answersEarly)
    {
        var bystander = await KillAtAsync(point, answersEarly);

        await using var next = await NodeHouse.StartAsync(new FakeKind(_world) { AnswersEarly = answersEarly }, _disk);
        var isKept = answersEarly && point.StartsWith("do:", StringComparison.Ordinal);
        await Until.TrueAsync(() => next.NodesAsync().Result.Count == (isKept ? 2 : 1), "what was under way is over");
        Assert.Equal("ready", await next.StateAsync(bystander));
        if (isKept)
        {
            await Until.TrueAsync(() => next.StateAsync("n2").Result == "ready", "what was accepted goes on");
        }

        Assert.Equal(isKept ? 12 : 6, _world.Things().Count);
        Assert.Equal(isKept ? 6 : 3, (await next.Ledger.ListAsync(default)).Count);

        // The same again works, under a new number.
        var again = await next.Admin.CommandAsync("/node/ctl", ["alloc", "kind=fake"]);
        Assert.Equal("/node/n3", again[0].Target);
        await Until.TrueAsync(() => next.StateAsync("n3").Result == "ready", "the next is ready");
        foreach (var id in await next.NodesAsync())
            await next.Admin.CommandAsync($"/node/{id}/ctl", ["release"]);
        Assert.Empty(_world.Things());
        Assert.Empty(await next.Ledger.ListAsync(default));
    }

    [Fact]
    public async Task Ready_nodes_are_adopted_with_names_labels_leases_and_owners()
    {
        var kind = new FakeKind(_world);
        var house = await NodeHouse.StartAsync(kind, _disk);
        await house.As(NodeHouse.Ann).CommandAsync("/node/ctl", ["alloc", "kind=fake", "name=web", "lease=1h", "gpu"]);
        await house.As(NodeHouse.Ann).CommandAsync("/node/web/ctl", ["label", "-gpu", "big"]);
        var before = await house.Admin.ReadTextAsync("/node/n1/json");
        await house.KillAsync();

        await using var next = await NodeHouse.StartAsync(new FakeKind(_world), _disk);
        var after = await next.Admin.ReadTextAsync("/node/web/json");
        Assert.Equal(Stable(before), Stable(after));
        Assert.Contains("\"labels\":[\"big\"]", after);
        Assert.Contains("\"user\":\"ann\"", after);
    }

    [Fact]
    public async Task A_node_that_ended_while_the_daemon_was_away_is_lost()
    {
        var house = await NodeHouse.StartAsync(new FakeKind(_world), _disk);
        await house.Admin.CommandAsync("/node/ctl", ["alloc", "kind=fake"]);
        await house.KillAsync();
        _world.Remove("n1/C:1");
        await using var next = await NodeHouse.StartAsync(new FakeKind(_world), _disk);
        Assert.Equal("lost", await next.StateAsync("n1"));
        Assert.Empty(_world.Things());
    }

    [Fact]
    public async Task A_node_of_a_kind_that_is_not_there_any_more_is_shown_and_left_alone()
    {
        var house = await NodeHouse.StartAsync(new FakeKind(_world), _disk);
        await house.Admin.CommandAsync("/node/ctl", ["alloc", "kind=fake"]);
        await house.KillAsync();
        await using var next = await NodeHouse.StartAsync(new NodeServiceOptions { HasHost = false }, _disk);
        Assert.Equal("ready", await next.StateAsync("n1"));
        Assert.Equal(6, _world.Things().Count);
    }

    /// <summary>A bystander is ready; then a node is allocated, and released if need be, by a daemon that dies at the point.</summary>
    private async Task<string> KillAtAsync(string point, bool answersEarly)
    {
        var died = new TaskCompletionSource();
        var kind = new FakeKind(_world) { AnswersEarly = answersEarly };
        var house = await NodeHouse.StartAsync(kind, _disk);
        await house.Admin.CommandAsync("/node/ctl", ["alloc", "kind=fake"]);
        await Until.TrueAsync(() => house.StateAsync("n1").Result == "ready", "the bystander is ready");
        kind.Reached = (reached, node) =>
        {
            if (reached != point || node.Id != "n2")
                return Task.CompletedTask;
            died.TrySetResult();
            return kind.Die();
        };
        var work = WorkAsync(house, point.StartsWith("undo:", StringComparison.Ordinal));
        await died.Task.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        Assert.False(work.IsCompleted && !answersEarly);
        await house.KillAsync();
        return "n1";
    }

    private static async Task WorkAsync(NodeHouse house, bool release)
    {
        await house.Admin.CommandAsync("/node/ctl", ["alloc", "kind=fake"]);
        if (release)
        {
            await Until.TrueAsync(() => house.StateAsync("n2").Result == "ready", "it is ready");
            await house.Admin.CommandAsync("/node/n2/ctl", ["release"]);
        }
    }

    private static string Stable(string json) => System.Text.RegularExpressions.Regex.Replace(json, "\"age\":[^,]*,?", "");
}
