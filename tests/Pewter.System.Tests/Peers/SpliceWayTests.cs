using System.Diagnostics;
using Pewter.Testing;

namespace Pewter.System.Tests.Peers;

/// <summary>
/// Splices between machines: two segments, and a machine on both that passes no packets on. Where there is a route the bytes take it; where
/// there is none they go through the tree; and a cable that is cut is an error at both ends.
/// </summary>
public sealed class SpliceWayTests
{
    private const int Bytes = 50_000_000;

    private static readonly TimeSpan Promise = TimeSpan.FromSeconds(2);

    // A crowded machine looks at its clocks late.
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(8);

    [Fact]
    public async Task Bytes_go_straight_where_there_is_a_route_and_through_the_tree_where_there_is_none()
    {
        Programs.RequireCells();
        await using var lab = await SplicePlace.UpAsync();
        foreach (var (source, at, way) in (IEnumerable<(PeerHost, string, string)>)[
            (lab.Gateway, "/peer/gw", "tls"), (lab.Leaf, "/peer/gw/peer/leaf", "tree")])
        {
            var gate = lab.Files[$"gate-{way}"];
            var from = await SpawnAsync(source, $"while [ ! -e {gate} ]; do sleep 0.02; done; head -c {Bytes} /dev/zero");
            var into = await SpawnAsync(lab.Top, "wc -c");
            var started = await lab.Top.CommandAsync($"proc/{into}/ctl", $"splice {at}/proc/{from} 1 0");
            Assert.Equal(way, started.GetProperty("way").GetString());
            await File.WriteAllTextAsync(gate, "");
            Assert.Equal($"{Bytes}\n", await lab.Top.ReadAsync($"proc/{into}/stdout"));
            Assert.EndsWith($" < {at}/proc/{from} {way}\n", await lab.Top.ReadAsync($"proc/{into}/topology"));
            await Until.TrueAsync(
                async () => (await lab.Top.ReadAsync($"proc/{into}/edges")).Contains($"\"way\":\"{way}\",\"state\":\"done\",\"bytes\":{Bytes},"),
                $"the target has counted, by {way}");
            await Until.TrueAsync(
                async () => way == "tree"
                    || (await source.ReadAsync($"proc/{from}/edges")).Contains($"\"way\":\"{way}\",\"state\":\"done\",\"bytes\":{Bytes},"),
                "the source has counted");
        }
    }

    [Fact]
    public async Task A_target_that_does_not_read_holds_the_source_back_and_one_that_ends_is_a_broken_pipe()
    {
        Programs.RequireCells();
        await using var lab = await SplicePlace.UpAsync();
        var from = await SpawnAsync(lab.Gateway, "exec yes");
        var into = await SpawnAsync(lab.Top, "exec sleep 600");
        Assert.Equal("tls", (await lab.Top.CommandAsync($"proc/{into}/ctl", $"splice /peer/gw/proc/{from}")).GetProperty("way").GetString());

        // Longer than any silence that would end it: a window of 4 MiB, two pipes, and what the sockets hold.
        await Task.Delay(TimeSpan.FromSeconds(4), TestContext.Current.CancellationToken);
        var edges = await lab.Top.ReadAsync($"proc/{into}/edges");
        Assert.Contains("\"state\":\"open\"", edges);
        Assert.Contains("state=running", await lab.Gateway.ReadAsync($"proc/{from}/status"));
        await lab.Top.CommandAsync($"proc/{into}/ctl", "kill");
        Assert.Contains("shell_code=141", await lab.Gateway.ReadAsync($"proc/{from}/wait"));
    }

    [Fact]
    public async Task A_cable_that_is_cut_is_an_error_at_both_ends_within_two_seconds()
    {
        Programs.RequireCells();
        await using var lab = await SplicePlace.UpAsync();
        var from = await SpawnAsync(lab.Leaf, "exec yes");
        var into = await SpawnAsync(lab.Gateway, "cat > /dev/null; exec sleep 600");
        var started = await lab.Gateway.CommandAsync($"proc/{into}/ctl", $"splice /peer/leaf/proc/{from}");
        Assert.Equal("tls", started.GetProperty("way").GetString());
        await Until.TrueAsync(
            async () => !(await lab.Gateway.ReadAsync($"proc/{into}/edges")).Contains("\"bytes\":0,"), "bytes flow");
        await lab.Cable.CutAsync();
        var began = Stopwatch.GetTimestamp();
        await Until.TrueAsync(
            async () => (await lab.Gateway.ReadAsync($"proc/{into}/edges")).Contains("\"state\":\"broken\""), "the target knows");
        var took = Stopwatch.GetElapsedTime(began);
        Assert.Contains("shell_code=141", await lab.Leaf.ReadAsync($"proc/{from}/wait"));
        TestContext.Current.SendDiagnosticMessage($"the target knew after {took.TotalSeconds:0.00} s");
        Assert.True(took < Promise + Slack, $"it took {took}");
    }

    private static async Task<string> SpawnAsync(PeerHost host, string script)
    {
        var spawned = await host.RunAsync("spawn", "--", "/bin/sh", "-c", script);
        Assert.True(spawned.ExitCode == 0, spawned.Error);
        return spawned.Output.Trim();
    }
}
