using Pewter.NineP;
using Pewter.NineP.Serving;
using Pewter.Node.Processes;
using static Pewter.Node.Tests.Sessions.NodeFixture;

namespace Pewter.Node.Tests.Sessions;

public sealed class SessionTests
{
    [Fact]
    public async Task Clone_exec_stdout_and_wait_work_as_from_a_shell()
    {
        await using var node = new NodeFixture();
        var session = await node.RunAsync("echo hello $0; echo oops >&2; exit 6");
        var wait = await node.ReadAsync($"{session}/wait");
        Assert.Contains("state=ended cause=exit code=6", wait);
        Assert.Equal(wait, await node.ReadAsync($"{session}/wait"));
        Assert.Equal("hello /bin/sh\n", await node.ReadAsync($"{session}/stdout"));
        Assert.Equal("oops\n", await node.ReadAsync($"{session}/stderr"));
        Assert.Contains("\"code\":6", await node.ReadAsync($"{session}/json"));
        Assert.Contains("state=ended", await node.ReadAsync("/proc/status"));
    }

    [Fact]
    public async Task A_session_that_nobody_has_open_is_gone_after_its_process()
    {
        await using var node = new NodeFixture();
        await using (var ctl = await node.Admin.OpenAsync("/proc/clone", OpenFlags.ReadWrite, Token))
        {
            await ctl.WriteTextAsync("exec true\n", Token);
        }

        Assert.Single(node.Supervisor.Sessions);
    }

    [Fact]
    public async Task Args_and_env_are_files_and_locked_once_it_runs()
    {
        await using var node = new NodeFixture();
        var session = await node.CloneAsync();
        await node.WriteAsync($"{session}/args", "/bin/sh -c 'echo $A; exec sleep 60'");
        await node.TruncateAsync($"{session}/env");
        await node.WriteAsync($"{session}/env", "'A=b c'\n");
        await node.CommandAsync(session, "exec");
        await using var stdout = await node.Admin.OpenAsync($"{session}/stdout", OpenFlags.ReadOnly, Token);
        Assert.Equal("b c", await stdout.ReadLineAsync(Token));
        var failure = await Assert.ThrowsAsync<FileException>(() => node.WriteAsync($"{session}/env", "A=x\n"));
        Assert.Equal(Errno.EBUSY, failure.Errno);
        await node.CommandAsync(session, "kill");
    }

    [Theory]
    [InlineData("exec no-such-program", Errno.ENOENT, "there is no such program")]
    [InlineData("exec /etc/passwd", Errno.EACCES, "not executable")]
    [InlineData("exec /etc", Errno.EACCES, "it is a directory")]
    [InlineData("exec", Errno.EINVAL, "exec what?")]
    [InlineData("signal NONSENSE", Errno.ESRCH, "No process runs")]
    [InlineData("limit cpu=0", Errno.EINVAL, "more than nothing")]
    [InlineData("user nobody-knows", Errno.ENOENT, "no user nobody-knows")]
    public async Task A_command_that_cannot_be_says_why(string line, Errno errno, string sentence)
    {
        await using var node = new NodeFixture();
        var session = await node.CloneAsync();
        var failure = await Assert.ThrowsAsync<FileException>(() => node.CommandAsync(session, line));
        Assert.Equal(errno, failure.Errno);
        Assert.Contains(sentence, failure.Message);
        Assert.Contains("state=new", await node.ReadAsync($"{session}/status"));
    }

    [Fact]
    public async Task A_script_whose_interpreter_is_missing_says_which()
    {
        await using var node = new NodeFixture();
        var script = Path.Combine(node.Supervisor.Options.StateDirectory, "script");
        File.WriteAllText(script, "#!/no/such/interpreter -x\necho never\n");
        File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var session = await node.CloneAsync();
        var failure = await Assert.ThrowsAsync<FileException>(() => node.CommandAsync(session, $"exec {script}"));
        Assert.Equal(Errno.ENOENT, failure.Errno);
        Assert.Contains("its interpreter /no/such/interpreter is missing", failure.Message);
    }

    [Fact]
    public async Task A_program_that_closes_its_input_early_is_a_broken_pipe_to_its_writer()
    {
        await using var node = new NodeFixture();
        var session = await node.RunAsync("exec 0<&-; echo closed; exec sleep 60");
        await using (var output = await node.Admin.OpenAsync($"{session}/stdout", OpenFlags.ReadOnly, Token))
        {
            Assert.Equal("closed", await output.ReadLineAsync(Token));
        }

        var failure = await Assert.ThrowsAsync<FileException>(() => node.WriteAsync($"{session}/stdin", new string('x', 1 << 20)));
        Assert.Equal(Errno.EPIPE, failure.Errno);
        await node.CommandAsync(session, "kill");
    }

    [Fact]
    public async Task A_limit_of_processes_refuses_the_fork_and_leaves_the_session_running()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "skipped, because it needs root");
        await using var node = new NodeFixture();
        var session = await node.RunAsync("(sleep 60 & sleep 60 & sleep 60 & sleep 60 & sleep 60 & echo all) 2>&1; echo over", "limit pids=4");
        var output = await node.ReadAsync($"{session}/stdout");
        Assert.DoesNotContain("all", output);
        Assert.Contains("fork", output);
        await node.CommandAsync(session, "wipe");
    }

    [Fact]
    public async Task Closing_stdin_is_the_end_of_input_and_a_truncation_is_not()
    {
        await using var node = new NodeFixture();
        var session = await node.RunAsync("cat; echo end");
        var stdin = await node.Admin.WalkAsync($"{session}/stdin", Token);
        await stdin.ChangeStatAsync(new StatChange { Size = 0 }, Caller.System, Token);
        await node.WriteAsync($"{session}/stdin", "one\n");
        Assert.Equal("one\nend\n", await node.ReadAsync($"{session}/stdout"));
    }

    [Fact]
    public async Task With_eof_explicit_the_input_stays_open_over_many_writers()
    {
        await using var node = new NodeFixture();
        var session = await node.RunAsync("cat; echo end", "eof explicit");
        await node.WriteAsync($"{session}/stdin", "one\n");
        await node.WriteAsync($"{session}/stdin", "two\n");
        await node.CommandAsync(session, "eof");
        Assert.Equal("one\ntwo\nend\n", await node.ReadAsync($"{session}/stdout"));
    }

    [Fact]
    public async Task A_write_before_exec_waits_for_the_program()
    {
        await using var node = new NodeFixture();
        var session = await node.CloneAsync();
        var write = node.WriteAsync($"{session}/stdin", "early\n");
        await Task.Delay(50, Token);
        Assert.False(write.IsCompleted);
        await node.CommandAsync(session, "exec cat");
        await write;
        Assert.Equal("early\n", await node.ReadAsync($"{session}/stdout"));
    }

    [Fact]
    public async Task A_splice_feeds_one_session_from_another()
    {
        await using var node = new NodeFixture(o => o with { Output = new OutputLimits { SpoolBytes = 4 << 20 } });
        var source = await node.RunAsync("seq 1 200000");
        var target = await node.RunAsync("wc -l", $"splice {source}");
        Assert.Equal("200000", (await node.ReadAsync($"{target}/stdout")).Trim());
        Assert.Contains("done: 1288895 bytes", await node.ReadAsync($"{target}/status"));
    }

    [Fact]
    public async Task Debug_shows_registers_stack_maps_and_memory()
    {
        await using var node = new NodeFixture();
        var session = await node.RunAsync("exec sleep 60");
        Assert.Contains("rip 0x", await node.ReadAsync($"{session}/debug/regs"));
        Assert.StartsWith("#0 0x", await node.ReadAsync($"{session}/debug/stack"));
        var maps = await node.ReadAsync($"{session}/debug/maps");
        var start = Convert.ToUInt64(maps[..maps.IndexOf('-')], 16);
        await using var memory = (await node.Admin.OpenAsync($"{session}/debug/mem", OpenFlags.ReadOnly, Token)).Open;
        var magic = new byte[4];
        Assert.Equal(4, await memory.ReadAsync(start, magic, Token));
        Assert.Equal("\u007fELF"u8.ToArray(), magic);
        var fault = await Assert.ThrowsAsync<FileException>(async () => await memory.ReadAsync(16, magic, Token));
        Assert.Equal(Errno.EFAULT, fault.Errno);
        await node.CommandAsync(session, "kill");
        await node.ReadAsync($"{session}/wait");
        await Assert.ThrowsAsync<FileException>(() => node.ReadAsync($"{session}/debug/regs"));
    }

    [Fact]
    public async Task Another_user_sees_runs_and_debugs_only_what_is_theirs()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "skipped, because it needs root");
        await using var node = new NodeFixture();
        var mine = await node.RunAsync("exec sleep 60");
        var nobody = node.As("nobody", 65534);
        Assert.DoesNotContain(mine, await node.ReadAsync("/proc/status", nobody));
        await Assert.ThrowsAsync<FileException>(() => node.ReadAsync($"{mine}/stdout", nobody));
        await Assert.ThrowsAsync<FileException>(() => node.ReadAsync("/fs/etc/hostname", nobody));

        await using var ctl = await nobody.OpenAsync("/proc/clone", OpenFlags.ReadWrite, Token);
        var id = (await ctl.ReadTextAsync(Token)).Trim();
        Assert.Equal(Errno.EPERM, (await Assert.ThrowsAsync<FileException>(async () => await ctl.WriteTextAsync("user root\n", Token))).Errno);
        await ctl.WriteTextAsync("exec id -u\n", Token);
        Assert.Equal("65534\n", await node.ReadAsync($"/proc/{id}/stdout", nobody));
        await node.CommandAsync(mine, "kill");
    }

    [Fact]
    public async Task Limits_and_nice_are_set_before_and_while_it_runs()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "skipped, because it needs root");
        await using var node = new NodeFixture();
        var session = await node.RunAsync("exec sleep 60", "nice 5", "limit pids=7 files=99");
        var process = node.Supervisor.Find(long.Parse(session["/proc/".Length..]))!.Process!;
        Assert.Contains("Max open files            99", File.ReadAllText($"/proc/{process.Id}/limits"));
        Assert.Equal("5", File.ReadAllText($"/proc/{process.Id}/stat").Split(' ')[18]);
        await node.CommandAsync(session, "limit mem=64Mi cpu=0.5", "nice 9");
        Assert.Equal("9", File.ReadAllText($"/proc/{process.Id}/stat").Split(' ')[18]);
        Assert.Equal("67108864\n", File.ReadAllText(process.Cgroup!.Directories.Single(d => d.Contains("memory")) + "/memory.limit_in_bytes"));
        await node.CommandAsync(session, "kill");
    }

    [Fact]
    public async Task A_namespace_script_mounts_for_the_program_alone()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "skipped, because it needs root");
        await using var node = new NodeFixture();
        var session = await node.CloneAsync();
        await node.WriteAsync($"{session}/ns", "tmpfs /mnt 1M\nbind /etc /mnt\n");
        await node.CommandAsync(session, "exec cat /mnt/hostname");
        Assert.Equal(File.ReadAllText("/etc/hostname"), await node.ReadAsync($"{session}/stdout"));
        Assert.False(File.Exists("/mnt/hostname"));
    }

    [Fact]
    public async Task Sessions_and_what_was_said_of_them_survive_the_agent()
    {
        await using var node = new NodeFixture();
        var ended = await node.RunAsync("exit 3", "job j1/t2", "label red big");
        var wait = await node.ReadAsync($"{ended}/wait");
        var running = await node.RunAsync("exec sleep 60");
        await node.ReopenAsync();
        Assert.Equal(wait, await node.ReadAsync($"{ended}/wait"));
        var status = await node.ReadAsync("/proc/status");
        Assert.Contains("job=j1/t2 labels=red,big", status);
        Assert.Contains($"{running} user=root", status);
        await node.CommandAsync(running, "kill");
        Assert.Contains("cause=lost", await node.ReadAsync($"{running}/wait"));
    }

    [Fact]
    public async Task Wipe_answers_who_waits_and_leaves_nothing()
    {
        await using var node = new NodeFixture();
        var session = await node.RunAsync("exec sleep 60");
        var wait = node.ReadAsync($"{session}/wait");
        await node.CommandAsync(session, "wipe");
        Assert.Contains("signal=KILL", await wait);
        Assert.Empty(node.Supervisor.Sessions);
    }
}
