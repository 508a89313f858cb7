using System.Diagnostics;

namespace Pewter.System.Tests;

public sealed class LifecycleTests
{
    [Fact]
    public async Task A_person_can_follow_the_README_from_up_to_down()
    {
        await using var system = await PewterSystem.UpAsync();
        var expected = new HashSet<string> { "ca/", "ctl", "events", "status", "token/", "version" };
        Assert.Subset((await system.RunAsync("ls")).Output.Split('\n').ToHashSet(), expected);
        Assert.Contains("state", (await system.RunAsync("status", "-o", "yaml")).Output, StringComparison.Ordinal);
        Assert.Equal(0, (await system.RunAsync("write", "/ctl", "note", "hello")).ExitCode);
        Assert.Contains("\"text\":\"hello\"", (await system.RunAsync("events", "-o", "json")).Output, StringComparison.Ordinal);
        Assert.Contains("stop", (await system.RunAsync("cat", "/ctl")).Output, StringComparison.Ordinal);
        Assert.Equal((0, ""), (await system.RunAsync("down")) is var down ? (down.ExitCode, down.Output) : default);
        Assert.Equal(1, (await system.RunAsync("ls")).ExitCode);
        Assert.Equal(0, (await system.RunAsync("down")).ExitCode);
        // The host's agent outlives the daemon on purpose; clean ends it, and then there is nothing left.
        Assert.Equal(0, (await system.RunAsync("clean", "-o", "json")).ExitCode);
        Assert.Equal((0, "[]\n"), (await system.RunAsync("clean", "-o", "json")) is var clean ? (clean.ExitCode, clean.Output) : default);
    }

    [Fact]
    public async Task A_second_daemon_on_one_state_directory_is_refused_with_a_sentence()
    {
        await using var system = await PewterSystem.UpAsync();
        var second = await system.RunProgramAsync(Programs.Pewterd, ["--state", system.State]);
        Assert.Equal(1, second.ExitCode);
        Assert.Contains("is in use by process", second.Error, StringComparison.Ordinal);
        Assert.Contains("'pewter down' stops it", (await system.RunAsync("up", "--detach")).Error, StringComparison.Ordinal);
        Assert.Equal(0, (await system.RunAsync("status")).ExitCode);
    }

    [Fact]
    public async Task Clean_is_refused_while_a_daemon_runs()
    {
        await using var system = await PewterSystem.UpAsync();
        var clean = await system.RunAsync("clean");
        Assert.Equal(1, clean.ExitCode);
        Assert.Contains("in use", clean.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SIGTERM_stops_the_daemon_in_order()
    {
        await using var system = new PewterSystem();
        Directory.CreateDirectory(system.State);
        var (daemon, _) = await system.StartDaemonAsync();
        using (Process.Start("kill", $"{daemon.Id}"))
        {
            await daemon.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        Assert.Equal(0, daemon.ExitCode);
        Assert.False(File.Exists(system.Socket));
        Assert.Contains("daemon.stopping", await EventsAfterRestartAsync(system), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, "there is no command 'statsu' here. Did you mean 'status'?", "statsu")]
    [InlineData(1, "there is no such file. Did you mean 'version'?", "cat", "/verison")]
    [InlineData(124, "not done within 100ms", "events", "--follow", "--timeout", "100ms")]
    [InlineData(1, "no command 'lgo'", "write", "/ctl", "lgo")]
    public async Task Each_failure_has_its_code_and_its_sentence(int exitCode, string sentence, params string[] words)
    {
        await using var system = await PewterSystem.UpAsync();
        var result = await system.RunAsync(words);
        Assert.Equal((exitCode, ""), (result.ExitCode, result.Output));
        Assert.Contains(sentence, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mistake_in_the_configuration_is_told_with_file_and_line()
    {
        await using var system = await PewterSystem.UpAsync();
        File.WriteAllText(Path.Combine(system.State, "pewter.yaml"), "name: lab\nlog:\n  levle: debug\nhtpp: [x]\n");
        var result = await system.RunAsync("status");
        File.Delete(Path.Combine(system.State, "pewter.yaml"));
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("pewter.yaml:3: There is no setting 'log.levle'. Did you mean 'log.level'?", result.Error, StringComparison.Ordinal);
        Assert.Contains("pewter.yaml:4: There is no setting 'htpp'. Did you mean 'http'?", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Status_is_answered_within_150_ms_with_the_start_of_the_program()
    {
        Programs.RequirePublished();
        await using var system = await PewterSystem.UpAsync();
        var times = new List<double>();
        for (var i = 0; i < 9; i++)
        {
            var started = Stopwatch.GetTimestamp();
            Assert.Equal(0, (await system.RunAsync("status")).ExitCode);
            times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }

        Assert.InRange(times.Order().ElementAt(times.Count / 2), 0, 150);
    }

    private static async Task<string> EventsAfterRestartAsync(PewterSystem system)
    {
        await system.RunAsync("up", "--detach");
        return (await system.RunAsync("events", "-o", "json")).Output;
    }
}
