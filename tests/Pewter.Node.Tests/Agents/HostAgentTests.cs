using Pewter.Linux.Processes;
using Pewter.NineP;

namespace Pewter.Node.Tests.Agents;

public sealed class HostAgentTests
{
    [Fact]
    public async Task The_last_word_and_unread_output_survive_the_agents_death()
    {
        await using var host = new HostFixture();
        string running;
        string ended;
        await using (var agent = await host.ConnectAsync())
        {
            ended = await agent.RunAsync("exit 3");
            await agent.ReadAsync($"{ended}/wait");
            running = await agent.RunAsync("echo early; while [ ! -e " + host.State + "/go ]; do sleep 0.02; done; echo late; exit 42");
            await Task.Delay(100, AgentConnection.Token);
        }

        var worker = host.KillWorker();
        await using var again = await host.ConnectAsync();
        Assert.DoesNotContain($"pid={worker}", await again.ReadAsync("/sys/agent"));
        Assert.Contains("code=3", await again.ReadAsync($"{ended}/wait"));
        Assert.Contains("state=running", await again.ReadAsync($"{running}/status"));
        File.WriteAllText($"{host.State}/go", "");
        Assert.Contains("cause=exit code=42", await again.ReadAsync($"{running}/wait"));
        Assert.Equal("late\n", await again.ReadAsync($"{running}/stdout"));
    }

    [Fact]
    public async Task A_process_that_ends_while_no_agent_lives_keeps_its_exit_code()
    {
        await using var host = new HostFixture();
        string session;
        await using (var agent = await host.ConnectAsync())
        {
            session = await agent.RunAsync("sleep 0.3; exit 9");
        }

        // The guardian is held, so that the process ends in between.
        var worker = host.WorkerId()!.Value;
        ProcessControl.Signal(host.GuardianId, 19);
        ProcessControl.Signal(worker, 9);
        await Task.Delay(600, AgentConnection.Token);
        ProcessControl.Signal(host.GuardianId, 18);
        await using var again = await host.ConnectAsync();
        Assert.Contains("cause=exit code=9", await again.ReadAsync($"{session}/wait"));
    }

    [Fact]
    public async Task When_guardian_and_agent_die_together_a_process_is_found_again_or_honestly_lost()
    {
        await using var host = new HostFixture();
        string lives;
        string dies;
        await using (var agent = await host.ConnectAsync())
        {
            lives = await agent.RunAsync("exec sleep 600");
            dies = await agent.RunAsync("sleep 0.2; exit 7");
        }

        host.KillBoth();
        await Task.Delay(400, AgentConnection.Token);
        host.Start();
        await using var again = await host.ConnectAsync();
        Assert.Contains("state=running", await again.ReadAsync($"{lives}/status"));
        var wait = await again.ReadAsync($"{dies}/wait");
        Assert.Contains("cause=lost", wait);
        Assert.DoesNotContain("code=0", wait.Replace("shell_code", "", StringComparison.Ordinal));
        await again.CommandAsync(lives, "kill");
    }

    [Fact]
    public async Task Killed_at_random_during_spawns_no_record_is_wrong_and_no_process_is_leaked()
    {
        var count = Environment.GetEnvironmentVariable("PEWTER_SOAK") == "full" ? 1000 : 60;
        await using var host = new HostFixture();
        var random = new Random(20261120);
        var started = new Dictionary<string, int>();
        using var stop = new CancellationTokenSource();
        var killer = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                // Only once it has served: an agent that never gets that far tells nothing.
                await using (var agent = await host.ConnectAsync())
                {
                    await agent.ReadAsync("/sys/os");
                }

                await Task.Delay(random.Next(10, 500));
                host.KillWorker();
            }
        });
        for (var i = 0; i < count;)
        {
            try
            {
                await using var agent = await host.ConnectAsync();
                for (; i < count; i++)
                {
                    started[await agent.RunAsync($"exit {i % 100 + 1}")] = (i % 100) + 1;
                }
            }
            catch (FileException)
            {
                // The agent died under this one: whether it started is not known, so it is not counted.
                i++;
            }
        }

        await stop.CancelAsync();
        await killer;
        await using var last = await host.ConnectAsync();
        foreach (var (session, code) in started)
        {
            var wait = await last.ReadAsync($"{session}/wait");
            Assert.Matches($"cause=(exit code={code} |lost )", wait);
        }

        Assert.Empty(host.SessionProcesses());
    }

    [Fact]
    public async Task A_second_agent_on_the_same_state_is_refused()
    {
        await using var host = new HostFixture();
        await using var agent = await host.ConnectAsync();
        var (output, code) = await RunAsync("host", $"--state={host.State}", $"--name={host.Name}");
        Assert.Equal(1, code);
        Assert.Contains("another agent uses", output);
        Assert.Equal("linux\n", await agent.ReadAsync("/sys/os"));
    }

    [Fact]
    public async Task Detached_it_returns_when_it_serves_and_ends_by_its_ctl()
    {
        var state = Directory.CreateTempSubdirectory("pw-detached-").FullName;
        var (output, code) = await RunAsync("host", $"--state={state}", $"--name=pwd{Environment.ProcessId}", "--detach");
        Assert.Equal((0, ""), (code, output));
        await using (var agent = await AgentConnection.OpenAsync($"{state}/agent.sock"))
        {
            Assert.Equal("hello\n", await agent.OutputOfAsync("echo hello"));
            await agent.CommandAsync("", "stop");
        }

        for (var tries = 0; File.Exists($"{state}/agent.sock") && tries < 200; tries++)
        {
            await Task.Delay(50, AgentConnection.Token);
        }

        Assert.False(File.Exists($"{state}/agent.sock"));
        Directory.Delete(state, true);
    }

    [Fact]
    public async Task Wrong_options_are_all_named_at_once()
    {
        var (output, code) = await RunAsync("host", "--sate=/tmp", "--listen=127.0.0.1:1");
        Assert.Equal(1, code);
        Assert.Contains("There is no option '--sate'.", output);
        Assert.Contains("--state=DIR is missing", output);
        Assert.Contains("--listen and --token-file go together", output);
    }

    private static async Task<(string Output, int Code)> RunAsync(params string[] arguments)
    {
        var start = new System.Diagnostics.ProcessStartInfo(AgentProgram.Path, arguments) { RedirectStandardError = true };
        using var process = System.Diagnostics.Process.Start(start)!;
        var output = await process.StandardError.ReadToEndAsync(AgentConnection.Token);
        await process.WaitForExitAsync(AgentConnection.Token);
        return (output, process.ExitCode);
    }
}
