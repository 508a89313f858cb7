using System.Text;
using Pewter.NineP;
using static Pewter.Sdk.Tests.SdkHouse;

namespace Pewter.Sdk.Tests.Processes;

public sealed class ProcessTests
{
    [Fact]
    public async Task A_spawned_program_has_its_environment_directory_output_and_exit()
    {
        await using var house = await StartAsync();
        var spec = Shell("echo $COLOUR; pwd; echo oops >&2; exit 7") with
        {
            Environment = new Dictionary<string, string> { ["COLOUR"] = "dark 'grey'" }, Directory = "/tmp", Job = "test/1", Labels = ["a", "b"],
        };

        await using var process = await house.Client.SpawnAsync(spec, Token);
        var exit = await process.WaitAsync(Token);

        Assert.Equal("dark 'grey'\n/tmp\n", await process.ReadOutputAsync(Token));
        Assert.Equal("oops\n", await process.ReadErrorsAsync(Token));
        Assert.Equal((ExitCause.Exit, 7, 7), (exit.Cause, exit.Code, exit.ShellCode));
        Assert.False(exit.IsSuccess);
        Assert.True(exit.PeakMemoryBytes > 0);
        Assert.Equal("test/1", (await process.DescribeAsync(Token)).GetProperty("job").GetString());
    }

    [Fact]
    public async Task An_argument_may_have_newlines_quotes_and_nothing_in_it()
    {
        await using var house = await StartAsync();
        await using var process = await house.Client.SpawnAsync(new SpawnSpec("/usr/bin/printf", "[%s]", "two\nlines", "it's", "", "a\tb"), Token);
        await process.WaitAsync(Token);
        Assert.Equal("[two\nlines][it's][][a\tb]", await process.ReadOutputAsync(Token));
    }

    [Fact]
    public async Task Input_reaches_the_program_and_its_close_is_the_end()
    {
        await using var house = await StartAsync();
        await using var process = await house.Client.SpawnAsync(new SpawnSpec("cat"), Token);
        await using (var input = await process.OpenInputAsync(Token))
        {
            await input.WriteAsync(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("0123456789\n", 20_000))), Token);
        }

        Assert.Equal(220_000, (await process.ReadOutputAsync(Token)).Length);
        Assert.True((await process.WaitAsync(Token)).IsSuccess);
    }

    [Fact]
    public async Task What_cannot_be_started_says_why()
    {
        await using var house = await StartAsync();
        var missing = await Assert.ThrowsAsync<FileException>(async () => await house.Client.SpawnAsync(new SpawnSpec("/no/such/program"), Token));
        Assert.Equal(Errno.ENOENT, missing.Errno);
        Assert.Contains("/no/such/program", missing.Message);
        var limit = await Assert.ThrowsAsync<FileException>(async () => await house.Client.SpawnAsync(new SpawnSpec("true") { Query = "cpus>=64" }, Token));
        Assert.Equal(Errno.ENODEV, limit.Errno);
    }

    [Fact]
    public async Task A_wait_with_a_timeout_gives_nothing_while_it_runs()
    {
        await using var house = await StartAsync();
        await using var process = await house.Client.SpawnAsync(new SpawnSpec("sleep", "60"), Token);
        Assert.Null(await process.WaitAsync(TimeSpan.FromMilliseconds(50), Token));
        await process.KillAsync(cancellation: Token);
        var exit = await process.WaitAsync(TimeSpan.FromSeconds(10), Token);
        Assert.Equal((ExitCause.Signal, "KILL", 137), (exit?.Cause, exit?.Signal, exit?.ShellCode));
        Assert.Same(exit, await process.WaitAsync(Token));
    }

    [Fact]
    public async Task A_kill_with_grace_lets_the_program_end_by_itself()
    {
        await using var house = await StartAsync();
        await using var process = await house.Client.SpawnAsync(Shell("trap 'echo bye; exit 3' TERM; echo ready; while :; do sleep 0.05; done"), Token);
        await using var output = await process.OpenOutputAsync(Token);
        using var reader = new StreamReader(output);
        Assert.Equal("ready", await reader.ReadLineAsync(Token));
        await process.KillAsync(TimeSpan.FromSeconds(10), Token);
        Assert.Equal(3, (await process.WaitAsync(Token)).Code);
        Assert.Equal("bye", await reader.ReadLineAsync(Token));
    }

    [Fact]
    public async Task A_signal_is_a_signal()
    {
        await using var house = await StartAsync();
        await using var process = await house.Client.SpawnAsync(new SpawnSpec("sleep", "60"), Token);
        await process.SignalAsync("USR1", cancellation: Token);
        Assert.Equal("USR1", (await process.WaitAsync(Token)).Signal);
        await Assert.ThrowsAsync<FileException>(async () => await process.SignalAsync("TERM", cancellation: Token));
    }

    [Fact]
    public async Task The_first_of_several_is_found()
    {
        await using var house = await StartAsync();
        await using var slow = await house.Client.SpawnAsync(new SpawnSpec("sleep", "60"), Token);
        await using var quick = await house.Client.SpawnAsync(Shell("exit 4"), Token);
        Assert.Same(quick, await PewterClient.WaitAnyAsync([slow, quick], TimeSpan.FromSeconds(20), Token));
        Assert.Null(await PewterClient.WaitAnyAsync([slow], TimeSpan.FromMilliseconds(30), Token));
        await slow.KillAsync(cancellation: Token);
    }

    [Fact]
    public async Task A_splice_feeds_one_process_from_another()
    {
        await using var house = await StartAsync(2);
        await using var source = await house.Client.SpawnAsync(new SpawnSpec("seq", "1", "1000"), Token);
        await using var sink = await house.Client.SpawnAsync(new SpawnSpec("wc", "-l"), Token);
        await sink.SpliceFromAsync(source.Path, cancellation: Token);
        Assert.Equal("1000", (await sink.ReadOutputAsync(Token)).Trim());
    }

    [Fact]
    public async Task A_process_stays_in_the_tree_as_long_as_it_is_held_and_persistent_ones_until_they_are_wiped()
    {
        await using var house = await StartAsync();
        var kept = await house.Client.SpawnAsync(new SpawnSpec("true") { IsPersistent = true }, Token);
        await kept.WaitAsync(Token);
        await kept.DisposeAsync();
        var found = await house.Client.FindAsync(kept.Id, Token);
        Assert.True((await found.WaitAsync(Token)).IsSuccess);
        await found.WipeAsync(Token);
        await Assert.ThrowsAsync<FileException>(async () => await house.Client.FindAsync(kept.Id, Token));
    }

    [Fact]
    public async Task The_blocking_calls_do_the_same()
    {
        await using var house = await StartAsync(2);
        var client = house.Client;
        await Task.Run(
            () =>
            {
                var process = client.Spawn(new SpawnSpec("cat"));
                using (var input = process.OpenInput())
                {
                    input.Write("hello\n"u8);
                }

                Assert.Equal("hello\n", process.ReadOutput());
                Assert.True(process.Wait().IsSuccess);
                process.Close();
                var group = client.SpawnMany(3, Shell("exit $PEWTER_INDEX"));
                Assert.Equal([0, 1, 2], group.WaitAll().Select(exit => exit.ShellCode));
                group.Close();
            },
            Token);
    }
}
