namespace Pewter.System.Tests;

public sealed class ShellTests
{
    [Fact]
    public async Task Who_has_seen_enough_of_the_help_may_leave()
    {
        await using var system = new PewterSystem();
        Directory.CreateDirectory(system.State);
        var result = await system.ShellAsync("pewter node alloc --help | head -n 1");
        Assert.Equal(("Description:\n", ""), (result.Output, result.Error));
    }

    [Fact]
    public async Task A_program_that_is_not_there_or_is_none_ends_run_as_it_ends_a_shell()
    {
        Programs.RequireCells();
        await using var system = await PewterSystem.UpAsync();
        foreach (var (words, code) in (IEnumerable<(string[], int)>)[(["--", "no-such"], 127), (["--", "/etc/passwd"], 126),
            (["-n", "2", "--", "no-such"], 127), (["-n", "2", "--on", "kind=host", "--", "/etc/passwd"], 126), (["--", "/bin/sh", "-c", "no-such"], 127)])
        {
            var result = await system.RunAsync(["run", "--no-input", .. words]);
            Assert.True(result.ExitCode == code, $"{string.Join(' ', words)}: {result.ExitCode} {result.Error}");
        }

        Assert.Equal(127, (await system.RunAsync("spawn", "--", "no-such")).ExitCode);
    }

    [Fact]
    public async Task A_node_is_found_by_its_id_and_by_its_name()
    {
        Programs.RequireCells();
        await using var system = await PewterSystem.UpAsync();
        Assert.Equal(0, (await system.RunAsync("node", "alloc", "-n", "2", "-q")).ExitCode);
        Assert.Equal(0, (await system.RunAsync("node", "rename", "n3", "web")).ExitCode);
        foreach (var where in (string[])["id=n3", "n3", "name=web", "web", "kind=cell/name=web"])
        {
            var result = await system.RunAsync("run", "--no-input", "--on", where, "--", "hostname");
            Assert.Equal((0, "n3\n", ""), (result.ExitCode, result.Output, result.Error));
        }

        var none = await system.RunAsync("run", "--no-input", "--on", "nobody", "--", "hostname");
        Assert.Contains("No node is there for 'nobody'", none.Error);
        Assert.Equal(0, (await system.RunAsync("node", "release", "-q", "kind=cell")).ExitCode);
    }

    [Fact]
    public async Task A_closed_pipe_ends_a_stream_quietly()
    {
        await using var system = await PewterSystem.UpAsync();
        var result = await system.ShellAsync("(sleep 0.5; pewter write /ctl note x) & pewter events --follow --since 0 -o json | head -n 1; wait");
        Assert.StartsWith("{\"seq\":1,", result.Output, StringComparison.Ordinal);
        Assert.Equal("", result.Error);
    }

    [Fact]
    public async Task Streams_reach_a_pipe_line_by_line_as_they_happen()
    {
        await using var system = await PewterSystem.UpAsync();
        using var follower = system.Start(Programs.Pewter, ["events", "--follow", "--since", "1", "-o", "json"]);
        await system.RunAsync("write", "/ctl", "note", "now");
        var line = "";
        while (line is not null && !line.Contains("\"text\":\"now\"", StringComparison.Ordinal))
        {
            line = await follower.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(20));
        }

        Assert.NotNull(line);
        follower.Kill();
    }

    [Theory]
    [InlineData("bash")]
    [InlineData("zsh")]
    [InlineData("fish")]
    public async Task A_completion_script_parses_in_its_shell(string shell)
    {
        await using var system = new PewterSystem();
        Directory.CreateDirectory(system.State);
        if ((await system.ShellAsync($"command -v {shell}")).ExitCode != 0)
        {
            Assert.Skip($"skipped, because {shell} is not installed");
        }

        var result = await system.ShellAsync($"pewter completion {shell} > {system.State}/script && {shell} -n {system.State}/script");
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
    }

    [Theory]
    [InlineData("pewter stat", "stat\nstatus\n")]
    [InlineData("pewter cat /ver", "/version\n")]
    public async Task Bash_completes_commands_and_paths_of_the_live_tree(string line, string expected)
    {
        await using var system = await PewterSystem.UpAsync();
        var words = line.Split(' ');
        var result = await system.ShellAsync(
            $"source <(pewter completion bash); COMP_WORDS=({Programs.Pewter} {string.Join(' ', words[1..])}); COMP_CWORD={words.Length - 1};"
            + " _pewter; printf '%s\\n' \"${COMPREPLY[@]}\"");
        Assert.Equal(expected, result.Output);
    }

    [Fact]
    public async Task The_tree_is_mounted_and_read_and_commanded_by_a_shell()
    {
        if (!File.Exists("/dev/fuse"))
        {
            Assert.Skip("skipped, because there is no /dev/fuse");
        }

        await using var system = await PewterSystem.UpAsync();
        var directory = Path.Combine(system.State, "mnt");
        Directory.CreateDirectory(directory);
        var mounted = await system.RunAsync("mount", "--detach", directory);
        Assert.True(mounted.ExitCode == 0, mounted.Error);
        try
        {
            var result = await system.ShellAsync($"ls {directory}; cat {directory}/version; echo note from a shell > {directory}/ctl; pewter events -o json");
            Assert.Contains("\nstatus\ntoken\nversion\npewterd ", result.Output, StringComparison.Ordinal);
            Assert.Contains("\"text\":\"from a shell\"", result.Output, StringComparison.Ordinal);

            // The mount outlives the daemon: what is open ends with an error, and the next daemon's tree is there again.
            await system.RunAsync("down");
            var away = await system.ShellAsync($"cat {directory}/version");
            Assert.Contains("Connection refused", away.Error, StringComparison.Ordinal);
            await system.RunAsync("up", "--detach");
            var back = await system.ShellAsync($"cat {directory}/version");
            Assert.True(back.ExitCode == 0 && back.Output.StartsWith("pewterd ", StringComparison.Ordinal), back.Output + back.Error);
        }
        finally
        {
            await system.RunProgramAsync("umount", [directory]);
        }
    }

    [Fact]
    public async Task On_a_terminal_names_stand_in_columns_and_headings_are_strong()
    {
        await using var system = await PewterSystem.UpAsync();
        var session = Path.GetFileName(system.State);
        if ((await system.ShellAsync("command -v tmux")).ExitCode != 0)
        {
            Assert.Skip("skipped, because tmux is not installed");
        }

        try
        {
            await system.ShellAsync($"tmux -L {session} new-session -d -x 100 -y 30 'bash --norc'");
            await system.ShellAsync($"tmux -L {session} send-keys '{Programs.Pewter} ls; {Programs.Pewter} status' Enter");
            var screen = "";
            for (var i = 0; i < 100 && !screen.Contains("DETAILS", StringComparison.Ordinal); i++)
            {
                await Task.Delay(100);
                screen = (await system.ShellAsync($"tmux -L {session} capture-pane -p -e")).Output;
            }

            Assert.Matches(@"ctl {2,}\S", screen);
            Assert.Contains("\e[1mPATH", screen, StringComparison.Ordinal);
        }
        finally
        {
            await system.ShellAsync($"tmux -L {session} kill-server");
        }
    }

    [Fact]
    public async Task Curl_reads_the_tree_over_the_HTTP_socket()
    {
        await using var system = await PewterSystem.UpAsync();
        var result = await system.ShellAsync($"curl -sf --unix-socket {system.HttpSocket} http://pewter/v1/tree/version");
        Assert.Contains("pewterd", result.Output, StringComparison.Ordinal);
    }
}
