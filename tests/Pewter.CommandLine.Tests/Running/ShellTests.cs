using static Pewter.CommandLine.Tests.Running.RunHouse;

namespace Pewter.CommandLine.Tests.Running;

public sealed class ShellTests
{
    [Fact]
    public async Task A_pipeline_prints_what_its_last_stage_writes()
    {
        await using var house = await StartAsync(3);
        var result = await house.Tester("b x\na x\nb y\n").RunAsync(Token, "sh", "--stats", "--degree", "3", "cat |< grep x |#| sort >| sort | uniq -c");
        Assert.Equal(["1 a x", "1 b x"], result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Trim()));
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("pipe 1  1 to 3  3 records  12 bytes  by instance 1 1 1", result.Messages);
        Assert.Contains("pipe 4  1 to 1  spliced from node to node  8 bytes out of stage 4", result.Messages);
    }

    [Fact]
    public async Task A_stage_that_fails_is_named()
    {
        await using var house = await StartAsync(2);
        var result = await house.RunAsync("sh", "-n", "2", "seq 1 4 |< sh -c 'cat; echo broken >&2; exit 3' >| wc -l");
        Assert.Equal((0, "4"), (result.ExitCode, result.Output.Trim()));
        Assert.Contains("stage 2.1: broken", result.Messages);
        Assert.Contains("stage 2 'sh -c 'cat; echo broken >&2; exit 3'', 2 of 2", result.Messages);
        Assert.Contains("exited with 3", result.Messages);
    }

    [Fact]
    public async Task The_exit_code_is_that_of_the_last_stage()
    {
        await using var house = await StartAsync();
        Assert.Equal(5, (await house.RunAsync("sh", "echo x | sh -c 'cat; exit 5'")).ExitCode);
    }

    [Theory]
    [InlineData("a |", "column 4")]
    [InlineData("a |< b |< c", "use |#|")]
    public async Task What_is_no_pipeline_is_a_usage_error(string line, string sentence)
    {
        var result = await new CommandTester().RunAsync(Token, "sh", line);
        Assert.Equal(ExitCode.Usage, result.ExitCode);
        Assert.Contains(sentence, result.Messages);
    }

    [Fact]
    public async Task A_dry_run_shows_the_graph()
    {
        var result = await new CommandTester().RunAsync(Token, "sh", "--dry-run", "--degree", "3:6", "--on", "2:gpu", "ls |<2 cat |#| uniq >| wc");
        Assert.Equal("1  1 x ls  on this machine\n2  2 x cat  on gpu\n3  6 x uniq  on state=ready\n4  1 x wc  on this machine\n", result.Messages);
    }
}
