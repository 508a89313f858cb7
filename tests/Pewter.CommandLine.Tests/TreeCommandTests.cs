using Pewter.NineP;

namespace Pewter.CommandLine.Tests;

public sealed class TreeCommandTests
{
    private readonly CommandTester _pewter = new();
    private readonly MemoryText _greeting;

    public TreeCommandTests()
    {
        _pewter.Root.Add(new MemoryText(2, "version", "pewterd 1\n"));
        _pewter.Root.Add(new MemoryText(3, "status", "/node/n2 state=ready kind=vm cpus=2 note=\"two words\"\n/node/n10 state=lost\n"));
        _pewter.Root.Add(new MemoryLink(4, "web", "node/n10"));
        _pewter.Root.Add(new MemoryLink(5, "loop", "loop"));
        _pewter.Root.Add(new MemoryStreamFile(6, "events", """{"seq":1,"event":"up"}""", """{"seq":2,"event":"made","path":"/node/n2"}"""));
        var node = _pewter.Root.Add(new MemoryDirectory(7, "node"));
        node.Add(new MemoryDirectory(8, "n10")).Add(new MemoryText(9, "json", """{"id":"n10","cpus":2}"""));
        var first = node.Add(new MemoryDirectory(10, "n2"));
        _greeting = first.Add(new MemoryText(11, "greeting", "hello\n"));
        first.Add(new MemoryText(12, "ctl", "", Answer));
        first.Add(new MemoryText(13, "wait", "", state => $"{state.Trim()} reached\n"));
        node.Add(new MemoryText(14, "lines", string.Concat(Enumerable.Range(1, 20).Select(i => $"line {i}\n"))));
    }

    [Theory]
    [InlineData("ls", "events\nloop@\nnode/\nstatus\nversion\nweb@\n")]
    [InlineData("ls /node", "lines\nn2/\nn10/\n")]
    [InlineData("ls node/../node/./", "lines\nn2/\nn10/\n")]
    [InlineData("ls web", "json\n")]
    [InlineData("ls -o name /node", "/node/lines\n/node/n2\n/node/n10\n")]
    [InlineData("ls /version", "/version\n")]
    [InlineData("ls -l /node/n10", "MODE        OWNER  GROUP  SIZE  MODIFIED              NAME\n-rw-r--r--  lab    staff     0  1970-01-01T00:00:00Z  json\n")]
    [InlineData("cat /version", "pewterd 1\n")]
    [InlineData("cat /version /node/n2/greeting", "pewterd 1\nhello\n")]
    [InlineData("cat -o yaml /node/n10/json", "id: n10\ncpus: 2\n")]
    [InlineData("cat -o yaml /version", "path: /version\ntext: \"pewterd 1\\n\"\n")]
    [InlineData("tree /node", "/node\n├── lines\n├── n2/\n│   ├── ctl\n│   ├── greeting\n│   └── wait\n"
        + "└── n10/\n    └── json\n")]
    [InlineData("tree /node -L 1 -d", "/node\n├── n2/\n└── n10/\n")]
    [InlineData("tree -o name /node/n10", "/node/n10\n/node/n10/json\n")]
    [InlineData("status", "PATH       STATE  KIND  DETAILS\n/node/n2   ready  vm    cpus=2  note=two words\n/node/n10  lost\n")]
    [InlineData("status -o name", "/node/n2\n/node/n10\n")]
    [InlineData("events", "1      up  \n2    /node/n2  made  \n")]
    [InlineData("events -o json --since 1", "{\"seq\":2,\"event\":\"made\",\"path\":\"/node/n2\"}\n")]
    [InlineData("tail -n 2 /node/lines", "line 19\nline 20\n")]
    [InlineData("version -o name --client", null)]
    [InlineData("complete -- /no", "/node/\n")]
    [InlineData("complete -- cat /node/n", "/node/n2/\n/node/n10/\n")]
    [InlineData("complete -- sta", "stat\nstatus\n")]
    [InlineData("complete -- stat", "stat\nstatus\n")]
    [InlineData("complete -- ls --lo", "--long\n")]
    [InlineData("complete -- ls -o y", "yaml\n")]
    [InlineData("complete -- completion f", "fish\n")]
    public async Task A_command_prints_its_data(string commandLine, string? expected)
    {
        var result = await _pewter.RunAsync(commandLine);
        Assert.Equal(("", 0), (result.Messages, result.ExitCode));
        Assert.Equal(expected ?? result.Output, result.Output);
    }

    [Theory]
    [InlineData("cat /nose", 1, "/nose: there is no such file. Did you mean 'node'?")]
    [InlineData("cat /node", 1, "/node is a directory")]
    [InlineData("ls loop", 1, "symbolic links")]
    [InlineData("statsu", 2, "there is no command 'statsu' here. Did you mean 'status'?")]
    [InlineData("ls --lnog", 2, "there is no option '--lnog' here. Did you mean '--long'?")]
    [InlineData("ls -o xml", 2, "is one of table, json, yaml, name")]
    [InlineData("ls --timeout soon", 2, "--timeout takes a length of time")]
    [InlineData("cat", 2, "argument")]
    [InlineData("cat --url ftp://x /a", 2, "is no address")]
    [InlineData("events --follow --timeout 50ms", 124, "not done within 50ms")]
    [InlineData("completion tcsh", 2, "tcsh")]
    public async Task A_failure_is_one_sentence_on_standard_error_and_a_code(string commandLine, int exitCode, string sentence)
    {
        var result = await _pewter.RunAsync(commandLine);
        Assert.Equal(exitCode, result.ExitCode);
        Assert.StartsWith("pewter: ", result.Messages, StringComparison.Ordinal);
        Assert.Contains(sentence, result.Messages, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ls_as_json_is_an_array_that_programs_read()
    {
        var result = await _pewter.RunAsync("ls -o json /node");
        using var json = System.Text.Json.JsonDocument.Parse(result.Output);
        var entries = json.RootElement.EnumerateArray().ToDictionary(
            entry => entry.GetProperty("path").GetString()!, entry => entry.GetProperty("kind").GetString());
        Assert.Equal(["lines", "n10", "n2"], json.RootElement.EnumerateArray().Select(entry => entry.GetProperty("name").GetString()).Order());
        Assert.Equal("directory", entries["/node/n10"]);
        Assert.Equal("file", entries["/node/lines"]);
    }

    [Fact]
    public async Task Ls_on_a_terminal_is_in_columns()
    {
        _pewter.IsTerminal = true;
        Assert.Equal("events   \e[1mnode/\e[0m    version\nloop@    status   web@\n", (await _pewter.RunAsync("ls")).Output);
        _pewter.Variables["NO_COLOR"] = "1";
        Assert.Equal("events   node/    version\nloop@    status   web@\n", (await _pewter.RunAsync("ls")).Output);
    }

    [Fact]
    public async Task Write_replaces_a_file_with_its_words_or_standard_input()
    {
        Assert.Equal(0, (await _pewter.RunAsync("write /node/n2/greeting good morning")).ExitCode);
        Assert.Equal("good morning\n", _greeting.Text);
        _pewter.Input = "from a pipe";
        Assert.Equal(0, (await _pewter.RunAsync("write /node/n2/greeting")).ExitCode);
        Assert.Equal("from a pipe", _greeting.Text);
    }

    [Fact]
    public async Task A_dry_run_of_write_changes_nothing()
    {
        var result = await _pewter.RunAsync("write --dry-run /node/n2/greeting bye");
        Assert.Equal((0, "", "would write 4 bytes to /node/n2/greeting\n"), (result.ExitCode, result.Output, result.Messages));
        Assert.Equal("hello\n", _greeting.Text);
    }

    [Fact]
    public async Task Write_to_a_ctl_reads_the_results_back()
    {
        var good = await _pewter.RunAsync("write -o json /node/n2/ctl start");
        Assert.Equal((0, "{\"ok\":true,\"target\":\"n2\"}\n"), (good.ExitCode, good.Output));
        var bad = await _pewter.RunAsync("write /node/n2/ctl fail");
        Assert.Equal((1, "", "pewter: n2: no such command\n"), (bad.ExitCode, bad.Output, bad.Messages));
    }

    [Fact]
    public async Task Write_waits_for_the_state_that_was_asked_for()
    {
        var result = await _pewter.RunAsync("write /node/n2/ctl start --wait=ready");
        Assert.Equal((0, "ready reached\n"), (result.ExitCode, result.Output));
    }

    [Fact]
    public async Task Watch_prints_again_only_when_something_changed()
    {
        using var stop = new CancellationTokenSource();
        var run = _pewter.RunAsync(stop.Token, "ls", "/node", "--watch=20ms");
        await Task.Delay(200);
        _pewter.Root.Remove("nothing");
        Assert.False(run.IsCompleted);
        await stop.CancelAsync();
        var result = await run;
        Assert.Equal((ExitCode.Interrupted, "lines\nn2/\nn10/\n"), (result.ExitCode, result.Output));
    }

    [Fact]
    public async Task Tail_of_a_stream_follows_until_interrupted()
    {
        using var stop = new CancellationTokenSource(400);
        var result = await _pewter.RunAsync(stop.Token, "tail", "-n", "1", "/events");
        Assert.Equal(ExitCode.Interrupted, result.ExitCode);
        Assert.Equal("{\"seq\":2,\"event\":\"made\",\"path\":\"/node/n2\"}\n", result.Output);
    }

    [Theory]
    [InlineData("", null, null, "unix:/nowhere/.local/state/pewter/run/9p.sock")]
    [InlineData("", "PEWTER_SOCKET", "/s", "unix:/s")]
    [InlineData("", "PEWTER_URL", "tcp://h:1", "tcp://h:1")]
    [InlineData("--url tls://h", "PEWTER_SOCKET", "/s", "tls://h:564")]
    [InlineData("--socket /t", "PEWTER_URL", "tcp://h:1", "unix:/t")]
    [InlineData("--state /st", null, null, "unix:/st/run/9p.sock")]
    public async Task The_daemon_is_found_by_flag_environment_and_place(string flags, string? variable, string? value, string expected)
    {
        if (variable is not null)
        {
            _pewter.Variables[variable] = value!;
        }

        await _pewter.RunAsync($"ls {flags}");
        Assert.Equal(expected, _pewter.LastEndpoint?.ToString());
    }

    [Fact]
    public async Task Version_without_a_daemon_says_so()
    {
        _pewter.IsRunning = false;
        Assert.Contains("not running", (await _pewter.RunAsync("version")).Output, StringComparison.Ordinal);
        Assert.Contains("'pewter up'", (await _pewter.RunAsync("ls")).Messages, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_lists_the_commands_on_standard_output()
    {
        var result = await _pewter.RunAsync("--help");
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("status", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("complete ", result.Output, StringComparison.Ordinal);
    }

    private static string Answer(string command) => command.StartsWith("fail", StringComparison.Ordinal)
        ? $"{{\"ok\":false,\"target\":\"n2\",\"errno\":\"{Errno.EINVAL}\",\"error\":\"no such command\"}}\n"
        : "{\"ok\":true,\"target\":\"n2\"}\n";
}
