using System.Text.Json;
using static Pewter.CommandLine.Tests.Running.RunHouse;

namespace Pewter.CommandLine.Tests.Running;

public sealed class RunTests
{
    [Fact]
    public async Task A_program_runs_as_if_it_ran_here()
    {
        await using var house = await StartAsync();
        var tester = house.Tester("from here\n");
        var result = await tester.RunAsync(Token, "run", "--env", "COLOUR=grey", "--dir", "/tmp", "--",
            "/bin/sh", "-c", "cat; echo $COLOUR; pwd; echo oops >&2; exit 7");
        Assert.Equal((7, "from here\ngrey\n/tmp\n", "oops\n"), (result.ExitCode, result.Output, result.Messages));
        Assert.False(tester.Signals.IsTaken);
    }

    [Fact]
    public async Task Options_of_the_program_are_its_own()
    {
        await using var house = await StartAsync();
        Assert.Equal("a -n b\n", (await house.RunAsync("run", "echo", "a", "-n", "b")).Output);
        Assert.Equal("--fold\n", (await house.RunAsync("run", "--", "echo", "--fold")).Output);
    }

    [Theory]
    [InlineData("/no/such/program", 127, "/no/such/program")]
    [InlineData("/etc/passwd", 126, "not executable")]
    public async Task What_cannot_be_started_says_why(string program, int code, string sentence)
    {
        await using var house = await StartAsync();
        var result = await house.RunAsync("run", "--", program);
        Assert.Equal(code, result.ExitCode);
        Assert.Contains(sentence, result.Messages);
    }

    [Theory]
    [InlineData("--env", "COLOUR", "NAME=VALUE")]
    [InlineData("--limit", "plenty", "cpu=2")]
    public async Task An_option_that_makes_no_sense_is_a_usage_error(string option, string value, string sentence)
    {
        await using var house = await StartAsync();
        var result = await house.RunAsync("run", option, value, "--", "true");
        Assert.Equal(ExitCode.Usage, result.ExitCode);
        Assert.Contains(sentence, result.Messages);
    }

    [Fact]
    public async Task A_query_that_matches_nothing_is_named()
    {
        await using var house = await StartAsync();
        var result = await house.RunAsync("run", "--on", "cpus>=64", "--", "true");
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("cpus>=64", result.Messages);
    }

    [Fact]
    public async Task Lines_of_many_are_labelled_and_the_worst_exit_code_counts()
    {
        await using var house = await StartAsync(3);
        var result = await house.RunAsync("run", "-n", "3", "--", "/bin/sh", "-c", "echo $PEWTER_INDEX; exit $PEWTER_INDEX");
        Assert.Equal(2, result.ExitCode);
        Assert.Equal(["n1: 0", "n2: 1", "n3: 2"], result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order());
        Assert.Contains("n3: exited with 2", result.Messages);
    }

    [Fact]
    public async Task Where_nodes_have_several_the_labels_tell_them_apart()
    {
        await using var house = await StartAsync(2);
        var result = await house.RunAsync("run", "-n", "4", "--", "true", "-x");
        Assert.Equal((0, ""), (result.ExitCode, result.Output));
        result = await house.RunAsync("run", "-n", "3", "--", "echo", "x");
        Assert.Equal(["n1/0: x", "n1/2: x", "n2/1: x"], result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order());
    }

    [Fact]
    public async Task Output_that_is_alike_is_folded()
    {
        await using var house = await StartAsync(4);
        var result = await house.RunAsync("run", "-n", "4", "--fold", "--", "/bin/sh", "-c", "echo same; [ $PEWTER_INDEX != 2 ] || echo more");
        Assert.Equal("n[1-2,4] (3)\nsame\nn3 (1)\nsame\nmore\n", result.Output);
    }

    [Fact]
    public async Task Input_goes_to_all_or_is_dealt_out()
    {
        await using var house = await StartAsync(2);
        var all = await house.Tester("a\nb\n").RunAsync(Token, "run", "-n", "2", "--fold", "--", "cat");
        Assert.Equal("n[1-2] (2)\na\nb\n", all.Output);
        var dealt = await house.Tester("a\nb\n").RunAsync(Token, "run", "-n", "2", "--deal", "--fold", "--", "cat");
        Assert.Equal("n1 (1)\na\nn2 (1)\nb\n", dealt.Output);
    }

    [Fact]
    public async Task Signals_reach_the_program_and_its_answer_is_the_exit_code()
    {
        await using var house = await StartAsync();
        var tester = house.Tester();
        var running = tester.RunAsync(Token, "run", "--", "/bin/sh", "-c", "trap 'echo caught; exit 9' INT; while :; do sleep 0.02; done");
        await SessionIsRunningAsync(house);
        while (!running.IsCompleted)
        {
            tester.Signals.Send("INT");
            await Task.Delay(100, Token);
        }

        var result = await running;
        Assert.Equal((9, "caught\n"), (result.ExitCode, result.Output));
    }

    [Fact]
    public async Task An_end_of_the_command_is_the_end_of_the_program()
    {
        await using var house = await StartAsync();
        var result = await house.RunAsync("run", "--timeout", "1s", "--", "sleep", "60");
        Assert.Equal(ExitCode.TimedOut, result.ExitCode);
        Assert.DoesNotContain("running", (await house.RunAsync("ps")).Output);
    }

    [Fact]
    public async Task A_spawned_program_is_listed_read_waited_for_and_attached_to()
    {
        await using var house = await StartAsync();
        var id = (await house.RunAsync("spawn", "--job", "night", "--", "/bin/sh", "-c",
            "echo ready; read line; echo got $line; exit 5")).Output.Trim();
        var list = await house.RunAsync("ps", "job=night");
        Assert.Contains("running", list.Output);
        Assert.Contains("echo ready", list.Output);
        Assert.Equal("ready\n", (await house.RunAsync("logs", id)).Output);
        var attached = await house.Tester("word\n").RunAsync(Token, "attach", id);
        Assert.Equal((5, "ready\ngot word\n"), (attached.ExitCode, attached.Output));
        var wait = await house.RunAsync("wait", id);
        Assert.Equal((5, $"{id} exited with 5\n"), (wait.ExitCode, wait.Output));
        Assert.DoesNotContain(id, (await house.RunAsync("ps", "-o", "name")).Output);
        Assert.Contains(id, (await house.RunAsync("ps", "-a", "-o", "name")).Output);
    }

    [Fact]
    public async Task Kill_takes_ids_and_queries()
    {
        await using var house = await StartAsync(2);
        var one = (await house.RunAsync("spawn", "--", "sleep", "60")).Output.Trim();
        var group = (await house.RunAsync("spawn", "-n", "3", "--job", "many", "--", "sleep", "60")).Output.Trim();
        Assert.Equal(0, (await house.RunAsync("kill", one)).ExitCode);
        Assert.Equal(0, (await house.RunAsync("kill", "--grace", "5s", "job=many")).ExitCode);
        Assert.Equal(137, (await house.RunAsync("wait", one)).ExitCode);
        Assert.Equal(143, (await house.RunAsync("wait", group)).ExitCode);
        Assert.Equal(1, (await house.RunAsync("kill", "4711")).ExitCode);
    }

    [Fact]
    public async Task Programs_read_json_from_spawn_wait_kill_and_ps()
    {
        await using var house = await StartAsync(2);
        var spawned = JsonDocument.Parse(
            (await house.RunAsync("spawn", "-n", "2", "-o", "json", "--", "/bin/sh", "-c", "exit 3")).Output).RootElement;
        Assert.Equal(2, spawned.GetProperty("processes").GetInt32());
        var id = spawned.GetProperty("id").GetString()!;
        var wait = await house.RunAsync("wait", "-o", "json", id, $"{id}/1");
        var lines = wait.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal((3, 2, 3, "Exit"), (
            wait.ExitCode, lines.Count, lines[1].GetProperty("shell_code").GetInt32(), lines[1].GetProperty("cause").GetString()));
        var asleep = (await house.RunAsync("spawn", "--", "sleep", "60")).Output.Trim();
        var killed = JsonDocument.Parse((await house.RunAsync("kill", "-o", "json", asleep)).Output).RootElement;
        Assert.Equal(($"/proc/{asleep}", true), (killed.GetProperty("target").GetString(), killed.GetProperty("ok").GetBoolean()));
        var listed = JsonDocument.Parse((await house.RunAsync("ps", "-a", "-o", "json")).Output).RootElement;
        Assert.Equal(2, listed.GetArrayLength());
        var near = JsonDocument.Parse((await house.RunAsync("spawn", "-n", "2", "--near", "n2", "-o", "json", "--", "true")).Output).RootElement;
        Assert.Equal(0, (await house.RunAsync("wait", near.GetProperty("id").GetString()!)).ExitCode);
    }

    private static async Task SessionIsRunningAsync(RunHouse house)
    {
        while (!(await house.RunAsync("ps")).Output.Contains("running"))
        {
            await Task.Delay(20, Token);
        }
    }
}
