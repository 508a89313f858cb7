using Pewter.NineP;
using Pewter.NineP.Serving;
using Pewter.Testing;
using Pewter.Tree;

namespace Pewter.Peers.Tests;

/// <summary>Children that join, are refused, leave, and come back.</summary>
public sealed class JoinTests
{
    private static TreeClient Root(Daemon daemon) => daemon.As(Caller.System);

    [Fact]
    public async Task A_child_that_joins_is_a_directory_of_its_parent_and_a_line_of_its_status()
    {
        await using var top = await Daemon.StartAsync("top");
        await using var leaf = await Daemon.StartAsync("leaf", top);
        await leaf.SeenAsync(top);
        Assert.Equal("/ state=ready name=leaf\n", await Root(top).ReadTextAsync("/peer/leaf/status") is { } text ? text.Split('\n')[0] + "\n" : "");
        var line = (await Root(top).ReadTextAsync("/peer/status")).TrimEnd();
        Assert.StartsWith("/peer/link1 ", line, StringComparison.Ordinal);
        Assert.Contains(" version=1.2.3 ", line, StringComparison.Ordinal);
        Assert.Contains(" route=tls://top:564 ", line, StringComparison.Ordinal);
        Assert.Contains("leaf", await Root(top).ListAsync("/peer"));
        Assert.Contains("/peer/leaf/ state=ready name=leaf", await Root(top).ReadTextAsync("/status"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_child_of_the_same_name_is_refused_with_a_sentence_and_the_first_stays()
    {
        await using var top = await Daemon.StartAsync("top");
        await using var leaf = await Daemon.StartAsync("leaf", top);
        await leaf.SeenAsync(top);
        await using var other = await Daemon.StartAsync("leaf", top);
        await Until.TrueAsync(() => Field(other, "error").Contains("is another daemon's", StringComparison.Ordinal), "the refusal");
        Assert.Contains("choose another with --name", Field(other, "error"), StringComparison.Ordinal);
        Assert.Equal("up", Field(leaf, "parent"));
    }

    [Fact]
    public async Task A_child_that_comes_back_takes_its_old_place_while_the_old_connection_still_stands()
    {
        await using var top = await Daemon.StartAsync("top", options: Daemon.Quick with { DeadAfter = TimeSpan.FromSeconds(60) });
        await using var leaf = await Daemon.StartAsync("leaf", top);
        await leaf.SeenAsync(top);
        leaf.IsUnplugged = true;
        leaf.Cable.Cut();
        await using var again = await Daemon.StartAsync("leaf", top, sameAs: leaf);
        await Until.TrueAsync(() => Field(again, "parent") == "up", "the return");
        await again.SeenAsync(top);
        Assert.Single((await Root(top).ReadTextAsync("/peer/status")).TrimEnd().Split('\n'));
        Assert.StartsWith("/ state=ready", await Root(top).ReadTextAsync("/peer/leaf/status"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lost_child_is_unreachable_at_once_and_gone_after_its_time()
    {
        await using var top = await Daemon.StartAsync("top", options: Daemon.Quick with { Ttl = TimeSpan.FromMilliseconds(500) });
        await using var leaf = await Daemon.StartAsync("leaf", top);
        await leaf.SeenAsync(top);
        await using var events = await Root(top).OpenAsync("/peer/events", OpenFlags.ReadWrite);
        leaf.IsUnplugged = true;
        await leaf.Cable.DisposeAsync();
        await leaf.SeenAsync(top, "unreachable");
        var failure = await Assert.ThrowsAsync<FileException>(async () => await Root(top).ReadTextAsync("/peer/leaf/version"));
        Assert.Equal(Errno.ENOLINK, failure.Errno);
        await using var wait = await Root(top).OpenAsync("/peer/link1/wait");
        Assert.Contains("state=gone", await wait.ReadLineAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain("leaf", await Root(top).ListAsync("/peer"));
        Assert.DoesNotContain("leaf", await Root(top).ReadTextAsync("/node/status"), StringComparison.Ordinal);
        Assert.Contains("unreachable", await events.ReadLineAsync(), StringComparison.Ordinal);
        Assert.Contains("removed", await events.ReadLineAsync(), StringComparison.Ordinal);
        leaf.IsUnplugged = false;
        await leaf.SeenAsync(top);
    }

    [Fact]
    public async Task A_child_whose_connection_breaks_dials_again_and_keeps_its_place()
    {
        await using var top = await Daemon.StartAsync("top");
        await using var leaf = await Daemon.StartAsync("leaf", top);
        await leaf.SeenAsync(top);
        for (var i = 0; i < 5; i++)
        {
            var cable = leaf.Cable;
            await cable.DisposeAsync();
            await Until.TrueAsync(() => leaf.Cable != cable && Field(leaf, "parent") == "up", "the return");
            await leaf.SeenAsync(top);
        }

        Assert.StartsWith("/peer/link1 ", await Root(top).ReadTextAsync("/peer/status"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_may_not_join_is_told_what_is_missing()
    {
        await using var top = await Daemon.StartAsync("top");
        await using var stranger = await Daemon.StartAsync("stranger", top, token: "ann");
        await using var misnamed = await Daemon.StartAsync("stem", top, token: "leaf");
        await using var named = await Daemon.StartAsync("leaf", top, token: "leaf");
        await named.SeenAsync(top);
        await Until.TrueAsync(() => Field(misnamed, "error").Contains("may not join as stem", StringComparison.Ordinal), "the refusal of a name");
        await Until.TrueAsync(() => Field(stranger, "error").Length > 0, "the refusal of a stranger");
        Assert.DoesNotContain("str", await Root(top).ReadTextAsync("/peer/status"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Daemons_do_not_join_in_a_circle()
    {
        await using var top = await Daemon.StartAsync("top");
        await using var middle = await Daemon.StartAsync("middle", top);
        await middle.SeenAsync(top);

        await using var bottom = await Daemon.StartAsync("bottom", middle, sameAs: top);
        await Until.TrueAsync(() => Field(bottom, "error").Contains("loop", StringComparison.Ordinal), "the refusal of a loop");
        Assert.DoesNotContain("bottom", await Root(middle).ReadTextAsync("/peer/status"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dropped_peer_is_forgotten_and_may_come_back()
    {
        await using var top = await Daemon.StartAsync("top");
        await using var leaf = await Daemon.StartAsync("leaf", top);
        await leaf.SeenAsync(top);
        var ping = await Root(top).CommandAsync("/peer/ctl", ["ping", "leaf"]);
        Assert.True(ping[0].IsOk);
        leaf.IsUnplugged = true;
        await Root(top).CommandAsync("/peer/ctl", ["drop", "leaf"]);
        Assert.DoesNotContain("leaf", await Root(top).ListAsync("/peer"));
        await Assert.ThrowsAsync<FileException>(async () => await top.As(Callers.Ann).CommandAsync("/peer/ctl", ["drop", "leaf"]));
        leaf.IsUnplugged = false;
        await leaf.SeenAsync(top);
        Assert.StartsWith("/peer/link2 ", await Root(top).ReadTextAsync("/peer/status"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_tree_of_peers_holds_to_the_contract()
    {
        await using var top = await Daemon.StartAsync("top");
        await using var gateway = await Daemon.StartAsync("gw", top, trust: PeerTrust.Admins);
        await using var leaf = await Daemon.StartAsync("leaf", gateway, trust: PeerTrust.Admins);
        leaf.Add(Callers.Ann, "red");
        gateway.Add(Callers.Bob, "blue");
        await gateway.SeenAsync(top);
        await leaf.SeenAsync(gateway);
        await Testing.Conformance.TreeConformance.CheckAsync(top.Root, "/peer", new()
        {
            // The age is another at every look. The peer's own tree is its own service's to check.
            Skip = path => path is "/peer/join" or "/peer/query/age" || path.StartsWith("/peer/gw", StringComparison.Ordinal),
        });
        await Testing.Conformance.TreeConformance.CheckAsync(top.Root, "/node");
    }

    private static string Field(Daemon daemon, string name) => daemon.Service.Status().FirstOrDefault(pair => pair.Key == name).Value ?? "";
}
