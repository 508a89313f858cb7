using System.Text.Json;
using static Pewter.CommandLine.Tests.Running.RunHouse;

namespace Pewter.CommandLine.Tests.Running;

public sealed class TopTests
{
    [Fact]
    public async Task What_is_busy_comes_first_and_what_sleeps_uses_nothing()
    {
        await using var house = await StartAsync(2);
        var asleep = (await house.RunAsync("spawn", "--", "sleep", "60")).Output.Trim();
        var busy = (await house.RunAsync("spawn", "-n", "2", "--job", "hot", "--", "/bin/sh", "-c", "while :; do :; done")).Output.Trim();
        JsonElement[] rows = [];
        while (rows.Length < 3 || rows[0].GetProperty("cpu").GetDouble() == 0)
        {
            var result = await house.RunAsync("top", "--interval", "200ms", "-o", "json");
            Assert.Equal(0, result.ExitCode);
            rows = [.. JsonDocument.Parse(result.Output).RootElement.EnumerateArray()];
        }

        Assert.StartsWith(busy + "/", rows[0].GetProperty("id").GetString());
        Assert.True(rows[0].GetProperty("time").GetDouble() > 0);
        Assert.True(rows[0].GetProperty("memory").GetInt64() > 0);
        Assert.Equal(["n1", "n2"],
            rows.Where(row => row.GetProperty("id").GetString()!.StartsWith(busy + "/")).Select(row => row.GetProperty("node").GetString()).Order());
        var quiet = rows.Single(row => row.GetProperty("id").GetString() == asleep);
        Assert.Equal((0.0, "running", 1),
            (quiet.GetProperty("cpu").GetDouble(), quiet.GetProperty("state").GetString(), quiet.GetProperty("processes").GetInt32()));
        Assert.DoesNotContain("sleep", (await house.RunAsync("top", "--interval", "50ms", "job=hot")).Output);
    }

    [Fact]
    public async Task On_a_terminal_it_is_drawn_again_and_again_and_leaves_the_screen_as_it_was()
    {
        await using var house = await StartAsync();
        await house.RunAsync("spawn", "--", "sleep", "60");
        var tester = house.Tester();
        tester.IsTerminal = true;
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        var result = await tester.RunAsync(stop.Token, "top", "--interval", "50ms");
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("1 processes on 1 nodes", result.Output);
        Assert.True(result.Output.Split("\e[H").Length > 2, result.Output);
        Assert.EndsWith("\e[?25h\e[?1049l", result.Output);
    }

    [Fact]
    public async Task An_interval_that_makes_no_sense_is_a_usage_error()
    {
        await using var house = await StartAsync();
        Assert.Equal(ExitCode.Usage, (await house.RunAsync("top", "--interval", "soon")).ExitCode);
    }
}
