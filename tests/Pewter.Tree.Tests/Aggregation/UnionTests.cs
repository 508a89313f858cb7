using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Pewter.NineP;
using Pewter.NineP.Serving;

namespace Pewter.Tree.Tests;

/// <summary>Three levels: the root knows <c>b</c>, and <c>b</c> alone knows <c>c</c>.</summary>
public sealed class UnionTests : IAsyncLifetime
{
    private static readonly UnionOptions Options = new() { Deadline = TimeSpan.FromSeconds(1), RetryDelay = TimeSpan.FromMilliseconds(20) };
    private readonly Site _root = new(Options with { Deadline = TimeSpan.FromSeconds(2) });
    private readonly Site _b = new(Options);
    private readonly Site _c = new(Options);

    private TreeClient Ann => _root.As(Callers.Ann);

    public async ValueTask InitializeAsync()
    {
        await _b.JoinAsync("c", _c);
        await _root.JoinAsync("b", _b);
        _root.Service.Add(Callers.Ann, "desk");
        _b.Service.Add(Callers.Ann, "hall").Tags.Add("warm");
        _b.Service.Lamps.Changed(1);
        _c.Service.Add(Callers.Ann);
        _c.Service.Add(Callers.Eve);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var site in new[] { _root, _b, _c })
        {
            site.IsStuck = false;
        }

        await _root.DisposeAsync();
        await _b.DisposeAsync();
        await _c.DisposeAsync();
    }

    private static string WithoutAge(string text) => Regex.Replace(text, " age=[0-9.]+s", "");

    private async Task<string[]> Status(string path = "/lamp/status") =>
        [.. WithoutAge(await Ann.ReadTextAsync(path)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Order()];

    [Fact]
    public async Task Objects_of_peers_are_listed_by_id_and_peer()
    {
        Assert.Equal(
            ["clone", "ctl", "status", "json", "events", "wait", "query", "l1", "desk", "l1@b", "hall@b", "l1@c@b"], await Ann.ListAsync("/lamp"));
        Assert.StartsWith("/lamp/l1 name=hall", await Ann.ReadTextAsync("/lamp/hall@b/status"));
        Assert.Equal("/lamp/l1 user=ann group=lab state=off brightness=100\n", await Ann.ReadTextAsync("/lamp/l1@c@b/status"));
        Assert.StartsWith("/lamp/l1 name=desk", await Ann.ReadTextAsync("/lamp/desk/status"));
    }

    [Fact]
    public async Task Status_folds_all_levels_with_paths_that_lead_there()
    {
        var lines = await Status();
        Assert.Equal(3, lines.Length);
        foreach (var path in lines.Select(line => line.Split(' ')[0]))
        {
            Assert.EndsWith("l1", path);
            Assert.NotNull(await Ann.ReadTextAsync(path + "/status"));
        }

        Assert.Equal(["/lamp/l1", "/peer/b/lamp/l1", "/peer/b/peer/c/lamp/l1"], lines.Select(line => line.Split(' ')[0]));
        Assert.Matches(" age=[0-9.]+s", await Ann.ReadTextAsync("/lamp/status"));
    }

    [Fact]
    public async Task Json_folds_all_levels()
    {
        using var json = JsonDocument.Parse(await Ann.ReadTextAsync("/lamp/json"));
        Assert.Equal(
            ["/lamp/l1", "/peer/b/lamp/l1", "/peer/b/peer/c/lamp/l1"],
            json.RootElement.EnumerateArray().Select(lamp => lamp.GetProperty("path").GetString()).Order());
    }

    [Fact]
    public async Task A_query_asks_all()
    {
        Assert.Equal(["/lamp/l1", "/peer/b/lamp/l1", "/peer/b/peer/c/lamp/l1"],
            (await Status("/lamp/query/state=off/status")).Select(line => line.Split(' ')[0]));
        Assert.Equal(["/peer/b/lamp/l1"], (await Status("/lamp/query/warm/state=off/status")).Select(line => line.Split(' ')[0]));
        Assert.Equal(["l1", "l1@b", "l1@c@b"], (await Ann.ListAsync("/lamp/query/state=off")).Where(name => name.StartsWith('l')));
        Assert.Contains("brightness", await Ann.ListAsync("/lamp/query"));
        Assert.Equal(["100"], await Ann.ListAsync("/lamp/query/brightness"));
        Assert.Equal("/lamp/l1", (await Ann.ReadTextAsync("/lamp/query/brightness/100/l1@b/status")).Split(' ')[0]);
        Assert.Equal(
            "desk", JsonDocument.Parse(await Ann.ReadTextAsync("/lamp/query/state=off/l1/json")).RootElement.GetProperty("name").GetString());
    }

    [Fact]
    public async Task A_query_that_none_knows_is_ENOENT_and_a_wrong_one_EINVAL()
    {
        Assert.Equal(Errno.ENOENT, (await Assert.ThrowsAsync<FileException>(async () => await Ann.ListAsync("/lamp/query/nosuchtag"))).Errno);
        Assert.Equal(Errno.EINVAL, (await Assert.ThrowsAsync<FileException>(async () => await Ann.ListAsync("/lamp/query/brightness=x"))).Errno);
    }

    [Fact]
    public async Task A_command_reaches_every_match_on_every_level_and_none_that_is_hidden()
    {
        var replies = await Ann.CommandAsync("/lamp/query/state=off/ctl", ["on"]);
        Assert.Equal(["/lamp/l1", "/peer/b/lamp/l1", "/peer/b/peer/c/lamp/l1"], replies.Select(reply => reply.Target).Order());
        Assert.Equal("on", _c.Service.Lamps.Find(1)!.Item.State);
        Assert.Equal("off", _c.Service.Lamps.Find(2)!.Item.State);
    }

    [Fact]
    public async Task A_command_that_matches_only_at_a_peer_succeeds_and_one_that_matches_nowhere_is_ENOENT()
    {
        Assert.Equal("/peer/b/lamp/l1", Assert.Single(await Ann.CommandAsync("/lamp/query/name=hall/ctl", ["on"])).Target);
        Assert.Equal(Errno.ENOENT, Assert.Single(await Ann.TryCommandAsync("/lamp/query/name=none/ctl", ["on"])).Errno);
    }

    [Fact]
    public async Task Clone_makes_a_local_object()
    {
        var (id, ctl) = await Ann.CloneAsync("/lamp");
        await using var _ = ctl;
        Assert.Equal("l2", id);
        Assert.NotNull(_root.Service.Lamps.Find("l2"));
    }

    [Fact]
    public async Task Clone_at_a_peer_makes_an_object_there_and_the_fid_is_its_ctl()
    {
        var (id, ctl) = await Ann.CloneAsync("/peer/b/peer/c/lamp");
        await using (ctl)
        {
            await ctl.WriteTextAsync("dim 5\n");
            Assert.Equal(5, _c.Service.Lamps.Find(id)!.Item.Brightness);
            Assert.Equal("l3", id);
        }
    }

    [Fact]
    public async Task Events_come_from_all_with_the_name_of_the_peer_and_go_on_where_they_stopped()
    {
        await using var events = await Ann.OpenAsync("/lamp/events", OpenFlags.ReadWrite);
        await events.WriteTextAsync("since 0 b=0 c@b=0");
        var seen = new HashSet<string>();
        while (seen.Count < 3)
        {
            var line = JsonDocument.Parse((await events.ReadLineAsync())!).RootElement;
            if (line.GetProperty("event").GetString() == "added")
            {
                seen.Add((line.TryGetProperty("peer", out var peer) ? peer.GetString() : "") + line.GetProperty("path").GetString());
            }
        }

        Assert.Equal(["/lamp/l1", "b/peer/b/lamp/l1", "c@b/peer/b/peer/c/lamp/l1"], seen.Order());
        await events.WriteTextAsync("since 1 b=1 c@b=2");
        _c.Service.Break(_c.Service.Lamps.Find(1)!.Item, 4);
        var next = await events.ReadLineAsync();
        Assert.Contains("\"path\":\"/peer/b/peer/c/lamp/l1\"", next);
        Assert.Contains("\"state\":\"broken\"", next);
    }

    [Fact]
    public async Task Wait_gives_a_line_for_each_and_then_the_end()
    {
        var all = Ann.ReadTextAsync("/lamp/wait").AsTask();
        foreach (var site in new[] { _c, _b, _root })
        {
            await Task.Delay(50);
            Assert.False(all.IsCompleted);
            site.Service.Break(site.Service.Lamps.Find(1)!.Item, 1);
        }

        var lines = (await all).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(
            ["/lamp/l1 state=broken code=1", "/peer/b/lamp/l1 state=broken code=1", "/peer/b/peer/c/lamp/l1 state=broken code=1"], lines.Order());
    }

    [Fact]
    public async Task A_stuck_peer_costs_one_line_within_the_deadline_and_hides_nothing_else()
    {
        _c.IsStuck = true;
        var watch = Stopwatch.StartNew();
        var lines = await Status();
        Assert.InRange(watch.Elapsed.TotalSeconds, 0.9, 1.9);
        Assert.Equal(3, lines.Length);
        Assert.StartsWith("/peer/b/peer/c state=silent errno=ETIMEDOUT", lines[2]);
        var replies = await Ann.ReadTextAsync("/lamp/json");
        Assert.Contains("\"state\":\"silent\"", replies);
    }

    [Fact]
    public async Task A_cut_peer_costs_one_line_at_once_and_comes_back_by_itself()
    {
        await _root.CutAsync("b");
        var lines = await Status();
        Assert.Equal(2, lines.Length);
        Assert.StartsWith("/peer/b state=silent errno=ENOLINK", lines[1]);
        var replies = await Ann.TryCommandAsync("/lamp/ctl", ["all-off"]);
        Assert.Contains(replies, reply => reply.Target == "/peer/b" && reply.Errno == Errno.ENOLINK);
        await _root.ReconnectAsync("b", _b);
        Assert.Equal(3, (await Status()).Length);
    }

    [Fact]
    public async Task Events_tell_of_a_lost_peer_and_go_on_when_it_is_back()
    {
        await using var events = await Ann.OpenAsync("/lamp/events", OpenFlags.ReadWrite);
        await events.WriteTextAsync("since 99 b=0 c@b=99");
        Assert.Contains("\"peer\":\"b\"", await events.ReadLineAsync());
        await _root.CutAsync("b");
        string? line;
        while (!(line = await events.ReadLineAsync())!.Contains("peer_lost", StringComparison.Ordinal))
        {
        }

        _b.Service.Add(Callers.Ann);
        await _root.ReconnectAsync("b", _b);
        while (!(line = await events.ReadLineAsync())!.Contains("/peer/b/lamp/l2", StringComparison.Ordinal))
        {
        }

        Assert.Contains("added", line);
    }

    [Fact]
    public async Task A_removed_member_is_gone_from_listings()
    {
        Assert.True(_root.Union.Remove("b"));
        Assert.DoesNotContain("l1@b", await Ann.ListAsync("/lamp"));
        Assert.Single(await Status());
    }
}
