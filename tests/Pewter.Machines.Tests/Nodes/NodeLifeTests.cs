using Pewter.NineP;
using Pewter.NineP.Serving;
using Pewter.Store;
using Pewter.Testing;

namespace Pewter.Machines.Tests.Nodes;

public sealed class NodeLifeTests
{
    private readonly FakeWorld _world = new();

    [Fact]
    public async Task Alloc_answers_a_line_a_node_and_all_are_ready()
    {
        await using var house = await NodeHouse.StartAsync(new FakeKind(_world));
        var replies = await house.Admin.CommandAsync("/node/ctl", ["alloc", "n=3", "kind=fake", "name=web", "gpu", "rack=3"]);
        Assert.Equal(["/node/n1", "/node/n2", "/node/n3"], replies.Select(reply => reply.Target));
        Assert.Equal(["n1", "n2", "n3"], await house.NodesAsync());
        Assert.Equal("ready", await house.StateAsync("web-2"));
        Assert.Equal(18, _world.Things().Count);
        Assert.Contains("phase=B", await house.Admin.ReadTextAsync("/node/n2/boot"));
        Assert.Equal(3, (await house.Admin.ListAsync("/node/query/gpu/rack=3".Replace("rack=3", "labels=rack=3"))).Count(name => name[0] == 'n'));
        Assert.Contains("/node/n1 ", await house.Admin.ReadTextAsync("/node/query/x86/state=ready/mem>=1G/status"));
    }

    [Fact]
    public async Task Release_leaves_nothing_and_the_number_is_never_used_again()
    {
        var disk = new MemoryDisk();
        await using (var house = await NodeHouse.StartAsync(new FakeKind(_world), disk))
        {
            await house.Admin.CommandAsync("/node/ctl", ["alloc", "kind=fake"]);
            Assert.Equal(3, (await house.Ledger.ListAsync(default)).Count);
            await house.Admin.CommandAsync("/node/n1/ctl", ["release"]);
            Assert.Empty(_world.Things());
            Assert.Empty(await house.NodesAsync());
            Assert.Empty(await house.Ledger.ListAsync(default));
        }

        await using var next = await NodeHouse.StartAsync(new FakeKind(_world), disk);
        var reply = await next.Admin.CommandAsync("/node/ctl", ["alloc", "kind=fake"]);
        Assert.Equal("/node/n2", reply[0].Target);
    }

    [Fact]
    public async Task A_failure_of_one_undoes_all_of_its_group()
    {
        var kind = new FakeKind(_world)
        {
            Reached = (point, node) => point == "do:C:1" && node.Id == "n2" ? throw new FileException(Errno.ENOSPC, "the shelf is full") : Task.CompletedTask,
        };
        await using var house = await NodeHouse.StartAsync(kind);
        var failure = await Assert.ThrowsAsync<FileException>(async () => await house.Admin.CommandAsync("/node/ctl", ["alloc", "n=3", "kind=fake"]));
        Assert.Equal(Errno.ENOSPC, failure.Errno);
        Assert.Contains("n2 could not be allocated, C: the shelf is full", failure.Message);
        Assert.Empty(_world.Things());
        Assert.Empty(await house.NodesAsync());
        Assert.Empty(await house.Ledger.ListAsync(default));
    }

    [Fact]
    public async Task An_interrupted_write_undoes_what_it_had_begun()
    {
        var reached = new TaskCompletionSource();
        var kind = new FakeKind(_world)
        {
            Reached = (point, _) =>
            {
                reached.TrySetResult();
                return point == "do:B:1" ? Task.Delay(Timeout.Infinite, TestContext.Current.CancellationToken) : Task.CompletedTask;
            },
        };
        await using var house = await NodeHouse.StartAsync(kind);
        using var stop = new CancellationTokenSource();
        var write = house.Admin.CommandAsync("/node/ctl", ["alloc", "n=2", "kind=fake"], stop.Token).AsTask();
        await reached.Task;
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => write);
        Assert.Empty(_world.Things());
        Assert.Empty(await house.NodesAsync());
    }

    [Fact]
    public async Task What_cannot_be_undone_is_in_error_with_its_phase_and_is_tried_again()
    {
        var time = new ManualTime();
        var isStuck = true;
        var kind = new FakeKind(_world)
        {
            Reached = (point, _) => isStuck && point == "undo:B:1" ? throw new FileException(Errno.EBUSY, "somebody sits on it") : Task.CompletedTask,
        };
        await using var house = await NodeHouse.StartAsync(kind, time: time);
        await house.Admin.CommandAsync("/node/ctl", ["alloc", "kind=fake"]);
        var failure = await Assert.ThrowsAsync<FileException>(async () => await house.Admin.CommandAsync("/node/n1/ctl", ["release"]));
        Assert.Contains("B: somebody sits on it", failure.Message);
        Assert.Contains("state=error", await house.Admin.ReadTextAsync("/node/n1/status"));
        Assert.Contains("phase=B", await house.Admin.ReadTextAsync("/node/n1/status"));
        isStuck = false;
        await Until.TrueAsync(
            () =>
            {
                time.Advance(TimeSpan.FromSeconds(1.3));
                return _world.Things().Count == 0;
            },
            "the release was tried again");
        await Until.TrueAsync(() => house.NodesAsync().Result.Count == 0, "the node went");
    }

    [Fact]
    public async Task A_node_whose_agent_ends_is_lost_and_nothing_of_it_is_left()
    {
        var time = new ManualTime();
        await using var house = await NodeHouse.StartAsync(new FakeKind(_world), time: time);
        await house.Admin.CommandAsync("/node/ctl", ["alloc", "kind=fake"]);
        await using var wait = await house.Admin.OpenAsync("/node/n1/wait", OpenFlags.ReadWrite);
        await wait.WriteTextAsync("lost");
        _world.Remove("n1/C:1");
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.StartsWith("/node/n1 state=lost", await wait.ReadLineAsync());
        Assert.Empty(_world.Things());
        Assert.Empty(await house.Ledger.ListAsync(default));
        await house.Admin.CommandAsync("/node/n1/ctl", ["release"]);
        Assert.Empty(await house.NodesAsync());
    }

    [Fact]
    public async Task A_kind_that_restarts_comes_back_under_its_id()
    {
        var time = new ManualTime();
        await using var house = await NodeHouse.StartAsync(new FakeKind(_world) { RestartsLost = true }, time: time);
        await house.Admin.CommandAsync("/node/ctl", ["alloc", "kind=fake"]);
        _world.Remove("n1/C:1");
        time.Advance(TimeSpan.FromSeconds(1));
        await Until.TrueAsync(() => _world.Has("n1/C:1") && house.StateAsync("n1").Result == "ready", "it is ready again");
        Assert.Equal(6, _world.Things().Count);
    }

    [Fact]
    public async Task A_kind_that_answers_early_is_seen_allocating_and_can_be_waited_for()
    {
        var gate = new TaskCompletionSource();
        var kind = new FakeKind(_world) { AnswersEarly = true, Reached = (point, _) => point == "do:B:0" ? gate.Task : Task.CompletedTask };
        await using var house = await NodeHouse.StartAsync(kind);
        await house.Admin.CommandAsync("/node/ctl", ["alloc", "kind=fake"]);
        Assert.Equal("allocating", await house.StateAsync("n1"));
        await using var wait = await house.Admin.OpenAsync("/node/n1/wait", OpenFlags.ReadWrite);
        await wait.WriteTextAsync("ready");
        gate.SetResult();
        Assert.StartsWith("/node/n1 state=ready", await wait.ReadLineAsync());
    }

    [Fact]
    public async Task Releasing_a_node_that_is_being_allocated_ends_the_allocation()
    {
        var kind = new FakeKind(_world)
        {
            AnswersEarly = true,
            Reached = (point, _) => point == "do:B:0" ? Task.Delay(Timeout.Infinite, TestContext.Current.CancellationToken) : Task.CompletedTask,
        };
        await using var house = await NodeHouse.StartAsync(kind);
        await house.Admin.CommandAsync("/node/ctl", ["alloc", "kind=fake"]);
        await house.Admin.CommandAsync("/node/n1/ctl", ["release"]);
        Assert.Empty(_world.Things());
        Assert.Empty(await house.NodesAsync());
    }

    [Fact]
    public async Task A_clone_is_a_node_that_lives_while_its_fid_does()
    {
        var time = new ManualTime();
        var options = new NodeServiceOptions { HasHost = false, MoreKinds = [new FakeKind(_world)], CloneKind = "fake" };
        await using var house = await NodeHouse.StartAsync(options, time: time);
        var (id, ctl) = await house.As(NodeHouse.Ann).CloneAsync("/node");
        Assert.Equal("ready", await house.StateAsync(id));
        time.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal("ready", await house.StateAsync(id));
        await ctl.DisposeAsync();
        time.Advance(TimeSpan.FromMinutes(5));
        await Until.TrueAsync(() => _world.Things().Count == 0, "it was reaped");
    }
}
