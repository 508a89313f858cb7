using Pewter.Machines.Nodes;
using Pewter.NineP;
using Pewter.Testing;

namespace Pewter.Machines.Tests.Nodes;

public sealed class NodeRightsTests
{
    private readonly FakeWorld _world = new();

    [Fact]
    public async Task Another_user_neither_sees_nor_touches_a_node_but_the_group_does()
    {
        await using var house = await NodeHouse.StartAsync(new FakeKind(_world));
        await house.As(NodeHouse.Ann).CommandAsync("/node/ctl", ["alloc", "kind=fake", "secret"]);
        var ben = house.As(NodeHouse.Ben);
        Assert.DoesNotContain("n1", await ben.ListAsync("/node"));
        Assert.Equal("", await ben.ReadTextAsync("/node/status"));
        Assert.Equal("", await ben.ReadTextAsync("/node/query/kind=fake/status"));
        foreach (var file in (string[])["ctl", "status", "json", "boot", "log", "proc", "fs"])
            Assert.Equal(Errno.EACCES, (await Assert.ThrowsAsync<FileException>(async () => await ben.ReadTextAsync($"/node/n1/{file}"))).Errno);
        await Assert.ThrowsAsync<FileException>(async () => await ben.CommandAsync("/node/n1/ctl", ["release"]));

        var cat = house.As(NodeHouse.Cat);
        Assert.Contains("user=ann", await cat.ReadTextAsync("/node/n1/status"));
        await cat.CommandAsync("/node/n1/ctl", ["release"]);
        Assert.Empty(_world.Things());
    }

    [Fact]
    public async Task A_user_beyond_the_limit_is_refused_whole_with_the_limit_named()
    {
        await using var house = await NodeHouse.StartAsync(new FakeKind(_world), limits: new NodeLimits { NodesOfUser = 3 });
        var ann = house.As(NodeHouse.Ann);
        await ann.CommandAsync("/node/ctl", ["alloc", "n=2", "kind=fake"]);
        var failure = await Assert.ThrowsAsync<FileException>(async () => await ann.CommandAsync("/node/ctl", ["alloc", "n=2", "kind=fake"]));
        Assert.Equal((Errno.EDQUOT, "No more nodes: ann may have 3 nodes and has 2. Release some first."), (failure.Errno, failure.Message));
        Assert.Equal(2, (await house.NodesAsync()).Count);
        await house.As(NodeHouse.Ben).CommandAsync("/node/ctl", ["alloc", "n=3", "kind=fake"]);
    }

    [Fact]
    public async Task Many_who_ask_at_once_never_get_more_than_the_limit()
    {
        await using var house = await NodeHouse.StartAsync(new FakeKind(_world), limits: new NodeLimits { NodesOfUser = 10 });
        var asks = Enumerable.Range(0, 30).Select(async _ =>
        {
            await Task.Yield();
            return (await house.As(NodeHouse.Ann).TryCommandAsync("/node/ctl", ["alloc", "kind=fake"]))[0].IsOk;
        });
        Assert.Equal(10, (await Task.WhenAll(asks)).Count(ok => ok));
        Assert.Equal(10, (await house.NodesAsync()).Count);
    }

    [Fact]
    public async Task A_lease_that_runs_out_releases_and_one_that_is_renewed_does_not()
    {
        var time = new ManualTime();
        await using var house = await NodeHouse.StartAsync(new FakeKind(_world), time: time);
        await house.Admin.CommandAsync("/node/ctl", ["alloc", "n=3", "kind=fake", "lease=10m"]);
        time.Advance(TimeSpan.FromMinutes(9));
        await house.Admin.CommandAsync("/node/n1/ctl", ["lease", "10m"]);
        await house.Admin.CommandAsync("/node/n2/ctl", ["lease", "never"]);
        time.Advance(TimeSpan.FromMinutes(2));
        await Until.TrueAsync(() => house.NodesAsync().Result is ["n1", "n2"], "n3 was released");
        time.Advance(TimeSpan.FromMinutes(30));
        await Until.TrueAsync(() => house.NodesAsync().Result is ["n2"], "n1 was released");
        Assert.Equal(6, _world.Things().Count);
    }

    [Theory]
    [InlineData("alloc kind=sell", "There is no kind 'sell', only host, cell, vm, fake; did you mean 'cell'?")]
    [InlineData("alloc n=0 kind=fake", "n is from 1 to 4096, not 0.")]
    [InlineData("alloc kind=fake flavour=sour", "There is no sour flavour.")]
    [InlineData("alloc kind=fake gpu n=4", "'n=4' must stand before the labels.")]
    [InlineData("alloc kind=fake -x=y", null)]
    [InlineData("alloc kind=fake a/b", "'a/b' cannot be a label")]
    [InlineData("alloc kind=fake name=ctl", "'ctl' cannot be a name in /node.")]
    [InlineData("alloc kind=fake name=taken", "/node/taken is the name of n1 already.")]
    [InlineData("alloc kind=fake lease=soon", "lease must be a length of time")]
    [InlineData("alloc kind=host", "The host is this machine itself")]
    [InlineData("alloc kind=cell mem=1M", "a cell needs 16Mi of memory at least")]
    [InlineData("alloc kind=cell cpu=0", "cpu is a number of CPUs")]
    [InlineData("alloc kind=cell root=/nowhere", "root is a directory that is there")]
    [InlineData("alloc kind=cell flavour=sweet", "a cell has no flavour")]
    public async Task A_wish_that_cannot_be_is_refused_with_a_sentence(string command, string? sentence)
    {
        await using var house = await NodeHouse.StartAsync(new FakeKind(_world));
        await house.Admin.CommandAsync("/node/ctl", ["alloc", "kind=fake", "name=taken"]);
        var replies = await house.Admin.TryCommandAsync("/node/ctl", command.Split(' '));
        if (sentence is null)
        {
            Assert.True(replies[0].IsOk);
            return;
        }

        Assert.False(replies[0].IsOk);
        Assert.Contains(sentence, replies[0].Error);
        Assert.Equal(["n1"], await house.NodesAsync());
    }

    [Fact]
    public async Task A_name_moves_and_goes()
    {
        await using var house = await NodeHouse.StartAsync(new FakeKind(_world));
        await house.Admin.CommandAsync("/node/ctl", ["alloc", "n=2", "kind=fake"]);
        await house.Admin.CommandAsync("/node/n1/ctl", ["rename", "web"]);
        var taken = await Assert.ThrowsAsync<FileException>(async () => await house.Admin.CommandAsync("/node/n2/ctl", ["rename", "web"]));
        Assert.Equal(Errno.EEXIST, taken.Errno);
        await house.Admin.CommandAsync("/node/web/ctl", ["rename"]);
        await house.Admin.CommandAsync("/node/n2/ctl", ["rename", "web"]);
        Assert.Contains("/node/n2 name=web", await house.Admin.ReadTextAsync("/node/web/status"));
    }
}
