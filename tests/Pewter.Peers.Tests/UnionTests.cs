using System.Diagnostics;
using Pewter.NineP;
using Pewter.NineP.Serving;
using Pewter.Testing;
using Pewter.Tree;

namespace Pewter.Peers.Tests;

/// <summary>Collections of three levels as one, in good times and in bad.</summary>
public sealed class UnionTests
{
    private static readonly TimeSpan Promise = TimeSpan.FromSeconds(2);

    [Fact]
    public async Task Three_levels_are_one_collection_and_one_tree()
    {
        await using var top = await Daemon.StartAsync("top");
        await using var gateway = await Daemon.StartAsync("gw", top);
        await using var leaf = await Daemon.StartAsync("leaf", gateway);
        top.Add(Callers.Ann, "red");
        gateway.Add(Callers.Ann, "green");
        leaf.Add(Callers.Ann, "blue");
        await gateway.SeenAsync(top);
        await leaf.SeenAsync(gateway);
        var ann = top.As(Callers.Ann);
        Assert.Contains("color=blue", await ann.ReadTextAsync("/peer/gw/peer/leaf/node/n1/status"), StringComparison.Ordinal);
        var names = await ann.ListAsync("/node");
        Assert.Superset(new HashSet<string> { "n1", "n1@gw", "n1@leaf@gw" }, names.ToHashSet());
        var status = await ann.ReadTextAsync("/node/status");
        Assert.Contains("/peer/gw/peer/leaf/node/n1 ", status, StringComparison.Ordinal);
        var replies = await ann.CommandAsync("/node/query/color~*e*/ctl", ["paint", "black"]);
        Assert.Equal(["/node/n1", "/peer/gw/node/n1", "/peer/gw/peer/leaf/node/n1"], replies.Select(reply => reply.Target).Order());
        await ann.CommandAsync("/node/n1@leaf@gw/ctl", ["paint", "white"]);
        Assert.Equal(("black", "black", "white"), (Color(top), Color(gateway), Color(leaf)));
        await Until.TrueAsync(() => top.As(Caller.System).ReadTextAsync("/peer/status").AsTask().Result.Contains(" levels=1 ", StringComparison.Ordinal),
            "the levels below the gateway are known");
        Assert.Contains("/peer/gw/peer/leaf/ state=ready name=leaf", await ann.ReadTextAsync("/status"), StringComparison.Ordinal);

        static string Color(Daemon daemon) => daemon.Things.Find("n1")!.Item.Color;
    }

    [Fact]
    public async Task A_cut_off_leaf_behind_a_gateway_is_one_line_of_status_within_two_seconds_and_comes_back()
    {
        var options = Daemon.Quick with { DeadAfter = TimeSpan.FromMilliseconds(1500), BeatInterval = TimeSpan.FromMilliseconds(500) };
        await using var top = await Daemon.StartAsync("top", options: options);
        await using var gateway = await Daemon.StartAsync("gw", top, options);
        await using var leaf = await Daemon.StartAsync("leaf", gateway, options);
        top.Add(Callers.Ann, "red");
        leaf.Add(Callers.Ann, "blue");
        await gateway.SeenAsync(top);
        await leaf.SeenAsync(gateway);
        var ann = top.As(Callers.Ann);
        leaf.IsUnplugged = true;
        leaf.Cable.Cut();
        var (status, took) = await TimedAsync(() => ann.ReadTextAsync("/node/status"));
        Assert.InRange(took, TimeSpan.Zero, Promise);
        Assert.Contains("/node/n1 ", status, StringComparison.Ordinal);
        Assert.Single(status.Split('\n'), line => line.StartsWith("/peer/gw/peer/leaf ", StringComparison.Ordinal)
            && line.Contains("state=silent", StringComparison.Ordinal));

        // Known to be dead it costs nothing, and below it everything fails at once.
        (_, took) = await TimedAsync(() => ann.ReadTextAsync("/node/status"));
        Assert.InRange(took, TimeSpan.Zero, TimeSpan.FromSeconds(0.5));
        var failure = await Assert.ThrowsAsync<FileException>(async () => await ann.ReadTextAsync("/peer/gw/peer/leaf/version"));
        Assert.Equal(Errno.ENOLINK, failure.Errno);
        leaf.IsUnplugged = false;
        leaf.Cable.Heal();
        await leaf.SeenAsync(gateway);
        Assert.Contains("/peer/gw/peer/leaf/node/n1 ", await ann.ReadTextAsync("/node/status"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_read_that_waits_on_a_peer_ends_when_the_peer_is_lost()
    {
        await using var top = await Daemon.StartAsync("top");
        await using var leaf = await Daemon.StartAsync("leaf", top);
        await leaf.SeenAsync(top);
        await using var events = await top.As(Callers.Ann).OpenAsync("/peer/leaf/node/events");
        var waiting = events.ReadLineAsync().AsTask();
        leaf.IsUnplugged = true;
        leaf.Cable.Cut();
        var failure = await Assert.ThrowsAsync<FileException>(() => waiting.WaitAsync(TimeSpan.FromSeconds(10)));
        Assert.Equal(Errno.ENOLINK, failure.Errno);
    }

    [Fact]
    public async Task Events_of_a_leaf_arrive_at_the_top_and_go_on_after_a_break()
    {
        await using var top = await Daemon.StartAsync("top");
        await using var leaf = await Daemon.StartAsync("leaf", top);
        await leaf.SeenAsync(top);
        await using var events = await top.As(Callers.Ann).OpenAsync("/node/events", OpenFlags.ReadWrite);
        leaf.Add(Callers.Ann, "red");
        Assert.Contains("/peer/leaf/node/n1", await events.ReadLineAsync(), StringComparison.Ordinal);
        await leaf.Cable.DisposeAsync();
        leaf.Add(Callers.Ann, "green");
        string? line;
        do
        {
            line = await events.ReadLineAsync();
        }
        while (line!.Contains("peer_lost", StringComparison.Ordinal));
        Assert.Contains("/peer/leaf/node/n2", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_megabyte_goes_through_two_levels_both_ways_unharmed()
    {
        await using var top = await Daemon.StartAsync("top");
        await using var gateway = await Daemon.StartAsync("gw", top);
        await using var leaf = await Daemon.StartAsync("leaf", gateway);
        ReadOnlyMemory<byte> content = default;
        leaf.Root.Add("blob", new DocumentFile(() => content, (bytes, _) => content = bytes.ToArray(), 1 << 22) { Mode = UnixMode.Octal(666) });
        await gateway.SeenAsync(top);
        await leaf.SeenAsync(gateway);
        var text = string.Concat(Enumerable.Range(0, 150_000).Select(i => $"{i:x6} "));
        await top.As(Callers.Ann).WriteTextAsync("/peer/gw/peer/leaf/blob", text);
        Assert.Equal(text.Length, content.Length);
        Assert.Equal(text, await top.As(Callers.Ann).ReadTextAsync("/peer/gw/peer/leaf/blob"));
    }

    private static async Task<(string Text, TimeSpan Took)> TimedAsync(Func<ValueTask<string>> read)
    {
        var began = Stopwatch.GetTimestamp();
        var text = await read();
        return (text, Stopwatch.GetElapsedTime(began));
    }
}
