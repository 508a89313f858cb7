using System.Text;
using Pewter.NineP;
using Pewter.Sdk.Piping;
using static Pewter.Sdk.Tests.SdkHouse;

namespace Pewter.Sdk.Tests.Piping;

public sealed class PipelineRunTests
{
    [Theory]
    [InlineData("seq 1 100 | wc -l", "100")]
    [InlineData("seq 1 1000 |< cat | sort -n -r |#| uniq >| sort -n -r | head -3", "1000 999 998")]
    [InlineData("seq 1 300 |< cat >| wc -l", "300")]
    [InlineData("yes x | head -1", "x")]
    [InlineData("yes x |< cat >| head -1", "x")]
    [InlineData("cat | tr a-z A-Z", "INPUT")]
    [InlineData("printf 'no newline' |<2 cat >| cat", "no newline")]
    public async Task The_seeds_pipelines_give_what_a_shell_would(string line, string expected)
    {
        await using var house = await StartAsync(3);
        var (output, _, _) = await RunAsync(house, line);
        var words = line.Contains("newline") ? output.TrimEnd().Split(' ') : output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(expected.Split(' '), words);
    }

    [Fact]
    public async Task Records_with_one_key_meet_at_one_instance_and_all_are_counted()
    {
        await using var house = await StartAsync(3);
        var (output, run, _) = await RunAsync(
            house, "seq 1 900 | awk '{print $1, $1 % 9}' |<3 cat |#key=2| awk '{n[$2]++} END {for (k in n) print k, n[k]}' >| sort -n");
        Assert.Equal(Enumerable.Range(0, 9).Select(key => $"{key} 100"), output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal([900, 900, 9], run.Edges.Where(edge => !edge.IsSpliced).Select(edge => edge.Records));
        Assert.Equal([300, 300, 300], run.Edges[1].RecordsByLane);
    }

    [Fact]
    public async Task A_stage_that_fails_is_known_by_its_exit_and_holds_nobody_up()
    {
        await using var house = await StartAsync(2);
        var (_, _, exits) = await RunAsync(house, "yes |<2 exec sh -c 'exit 3' >| cat");
        Assert.Equal([3, 3], exits[1].Select(exit => exit.ShellCode));
        Assert.Equal("PIPE", exits[0][0].Signal);
        Assert.True(exits[2][0].IsSuccess);
    }

    [Fact]
    public async Task Where_a_stage_has_no_node_nothing_is_started()
    {
        await using var house = await StartAsync();
        var options = new PipelineOptions { Queries = new Dictionary<int, string> { [2] = "cpus>=64" } };
        await Assert.ThrowsAsync<FileException>(() => PipelineRun.StartAsync(house.Client, PipelinePlan.Make("sleep 60 | cat", options), options, Token));
        await Task.Delay(200, Token);
        Assert.DoesNotContain("state=running", await house.Client.Tree.ReadTextAsync("/proc/status", Token));
    }

    private static async Task<(string Output, PipelineRun Run, IReadOnlyList<IReadOnlyList<ExitResult>> Exits)> RunAsync(SdkHouse house, string line)
    {
        var options = new PipelineOptions();
        await using var run = await PipelineRun.StartAsync(house.Client, PipelinePlan.Make(line, options), options, Token);
        using var output = new MemoryStream();
        var exits = await run.RunAsync(new MemoryStream("input\n"u8.ToArray()), output, Token);
        return (Encoding.UTF8.GetString(output.ToArray()), run, exits);
    }
}
