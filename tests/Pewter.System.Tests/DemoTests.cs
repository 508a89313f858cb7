using System.Globalization;
using System.Text.RegularExpressions;

namespace Pewter.System.Tests;

/// <summary>The main job: the demonstration, as a person starts it.</summary>
public sealed partial class DemoTests
{
    [Fact]
    public async Task The_demo_computes_pi_on_its_nodes_and_leaves_nothing()
    {
        Programs.RequireCells();
        var system = new PewterSystem();
        var before = Directory.GetDirectories(Path.GetTempPath(), "pewter-demo-*");
        var result = await system.RunProgramAsync(Programs.Pewter, ["demo", "--nodes", "3", "--points", "30000000"]);
        Assert.True(result.ExitCode == 0, result.Error);
        var match = Answer().Match(result.Output);
        Assert.True(match.Success, result.Output);
        Assert.Equal(Math.PI, double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture), 0.005);
        Assert.Contains("3 nodes are ready", result.Error);
        Assert.Contains("nothing is left: no process, no mount, no cgroup, no file", result.Error);
        Assert.Equal(5, result.Error.Split('\n').Count(line => line.StartsWith("  pewter ", StringComparison.Ordinal)));
        Assert.Equal(before, Directory.GetDirectories(Path.GetTempPath(), "pewter-demo-*"));
    }

    [Fact]
    public async Task A_demo_that_is_kept_can_be_used_and_ended()
    {
        Programs.RequireCells();
        var system = new PewterSystem();
        var result = await system.RunProgramAsync(Programs.Pewter, ["demo", "--nodes", "2", "--points", "1000000", "--keep"]);
        Assert.True(result.ExitCode == 0, result.Error);
        var state = Kept().Match(result.Error).Groups[1].Value;
        try
        {
            var run = await system.RunProgramAsync(Programs.Pewter, ["run", "--state", state, "-n", "2", "--on", "demo", "--fold", "--", "echo", "here"]);
            Assert.Equal("n[2-3] (2)\nhere\n", run.Output);
        }
        finally
        {
            await system.RunProgramAsync(Programs.Pewter, ["down", "--state", state]);
            await system.RunProgramAsync(Programs.Pewter, ["clean", "--state", state]);
            Directory.Delete(state, recursive: true);
        }
    }

    [Fact]
    public async Task The_monte_carlo_example_spawns_workers_over_the_nodes()
    {
        Programs.RequireCells();
        await using var system = await PewterSystem.UpAsync();
        var alloc = await system.RunAsync("node", "alloc", "--kind", "cell", "-n", "2");
        Assert.True(alloc.ExitCode == 0, alloc.Error);
        var result = await system.RunProgramAsync(Programs.Example("monte-carlo"), ["4", "500000"]);
        Assert.True(result.ExitCode == 0, result.Output + result.Error);
        var last = result.Output.TrimEnd().Split('\n')[^1];
        Assert.StartsWith("4 results, 2000000 points: pi = 3.1", last);
    }

    [Fact]
    public async Task The_wordcount_example_agrees_with_sort_and_uniq()
    {
        Programs.RequireCells();
        await using var system = await PewterSystem.UpAsync();
        var alloc = await system.RunAsync("node", "alloc", "--kind", "cell", "-n", "3");
        Assert.True(alloc.ExitCode == 0, alloc.Error);
        var ours = await system.RunProgramAsync(Programs.Example("wordcount"), ["--degree", "3"]);
        var theirs = await system.ShellAsync(
            "export LC_ALL=C; cat /usr/share/common-licenses/* | tr -cs A-Za-z '\\n' | grep . | sort | uniq -c | sort -k1,1nr -k2");
        Assert.True(ours.ExitCode == 0, ours.Error);
        Assert.True(theirs.Output.Length > 10_000, theirs.Error);
        Assert.Equal(theirs.Output, ours.Output);
    }

    [Fact]
    public async Task A_pipeline_of_the_shell_runs_over_cells()
    {
        Programs.RequireCells();
        await using var system = await PewterSystem.UpAsync();
        await system.RunAsync("node", "alloc", "--kind", "cell", "-n", "3");
        var result = await system.RunAsync("sh", "--degree", "3", "--on", "kind=cell", "--stats", "ls /usr/bin |< cat | sort -n -r |#| uniq >| sort | tail -1");
        var theirs = await system.ShellAsync("ls /usr/bin | sort | tail -1");
        Assert.Equal((0, theirs.Output), (result.ExitCode, result.Output));
        Assert.Contains("pipe 1  1 to 3", result.Error);
    }

    [GeneratedRegex(@"^π ≈ ([0-9.]+), off by [0-9.]+ .*: 30,000,000 points on 3 nodes in")]
    private static partial Regex Answer();

    [GeneratedRegex("add --state ([^ ]+) to")]
    private static partial Regex Kept();
}
