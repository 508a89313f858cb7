using System.Diagnostics;
using System.Text;
using Pewter.Linux;
using Pewter.Linux.Cgroups;
using Pewter.Linux.Processes;
using Pewter.Node.Processes;
using static Pewter.Node.Tests.Processes.SupervisorFixture;

namespace Pewter.Node.Tests.Processes;

public sealed class SupervisorTests
{
    [Fact]
    public async Task Output_is_readable_and_the_record_durable_when_the_exit_is_told()
    {
        await using var fixture = new SupervisorFixture();
        var session = fixture.Start("echo out; echo err >&2; exit 3");
        var record = await session.Exit.WaitAsync(Token);
        Assert.Equal((ExitCause.Exit, 3, 8L), (record.Cause, record.Code!.Value, record.OutputBytes));
        Assert.Contains("\"code\":3", File.ReadAllText($"{fixture.Directory}/processes.journal"));
        Assert.Equal("out\n", await ReadAllAsync(session.Stdout));
        Assert.Equal("err\n", await ReadAllAsync(session.Stderr));
        Assert.Equal("out\n", await ReadAllAsync(session.Stdout));
    }

    [Fact]
    public async Task Input_reaches_the_program_and_closing_it_is_the_end()
    {
        await using var fixture = new SupervisorFixture();
        var session = fixture.Start("sort");
        await session.Stdin!.WriteAsync("b\na\n"u8.ToArray(), Token);
        await session.Stdin.CloseAsync(Token);
        Assert.Equal("a\nb\n", await ReadAllAsync(session.Stdout));
        Assert.Equal(0, (await session.Exit).Code);
    }

    [Fact]
    public async Task A_write_to_a_program_that_does_not_read_waits_and_a_cancelled_one_says_what_it_took()
    {
        await using var fixture = new SupervisorFixture();
        var session = fixture.Start("sleep 60");
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        cancel.CancelAfter(100);
        var taken = await session.Stdin!.WriteAsync(new byte[1 << 20], cancel.Token);
        Assert.Equal(65536, taken);
        session.KillAll();
        await session.Exit.WaitAsync(Token);
        var failure = await Assert.ThrowsAsync<LinuxException>(async () => await session.Stdin.WriteAsync(new byte[1], Token));
        Assert.Equal(LinuxErrno.EPIPE, failure.Errno);
    }

    [Fact]
    public async Task A_gigabyte_that_nobody_reads_is_bounded_and_said()
    {
        await using var fixture = new SupervisorFixture();
        var bytes = Environment.GetEnvironmentVariable("PEWTER_SOAK") == "full" ? 1L << 30 : 64L << 20;
        var session = fixture.Start($"head -c {bytes} /dev/zero; echo end");
        var record = await session.Exit.WaitAsync(Token);
        Assert.Equal(bytes + 4, record.OutputBytes);
        Assert.InRange(bytes + 4 - record.DroppedBytes, 1, fixture.Options.Output.MemoryBytes + (64 * 1024));
        Assert.EndsWith("\0end\n", await ReadAllAsync(session.Stdout));
    }

    [Fact]
    public async Task A_spool_keeps_more_than_memory_and_is_gone_with_the_session()
    {
        await using var fixture = new SupervisorFixture(o => o with { Output = new OutputLimits { SpoolBytes = 4 << 20 } });
        var session = fixture.Start("seq 1 300000");
        await session.Exit.WaitAsync(Token);
        var text = await ReadAllAsync(session.Stdout);
        Assert.Equal(Enumerable.Range(1, 300000).Select(i => $"{i}"), text.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        session.Wipe();
        Assert.Empty(System.IO.Directory.GetFiles(fixture.Directory, "*.stdout"));
    }

    [Fact]
    public async Task An_attached_reader_holds_the_program_back_and_loses_nothing()
    {
        await using var fixture = new SupervisorFixture();
        var session = fixture.Start("sleep 0.2; head -c 5000000 /dev/zero");
        using var reader = session.Stdout.Attach();
        await Task.Delay(600, Token);
        Assert.True(session.Stdout.IsBlocked);
        Assert.False(session.Exit.IsCompleted);
        var total = 0L;
        var buffer = new byte[100_000];
        while (await reader.ReadAsync(buffer, Token) is > 0 and var count)
        {
            total += count;
        }

        Assert.Equal(5_000_000, total);
        Assert.Equal(0, (await session.Exit).DroppedBytes - session.Stderr.Start - session.Stdout.Start);
    }

    [Fact]
    public async Task A_grandchild_that_keeps_the_pipe_is_cut_off_and_reported()
    {
        await using var fixture = new SupervisorFixture();
        var clock = Stopwatch.StartNew();
        var session = fixture.Start("echo before; sleep 60 & exit 5");
        var record = await session.Exit.WaitAsync(Token);
        Assert.InRange(clock.Elapsed, TimeSpan.FromMilliseconds(250), TimeSpan.FromSeconds(5));
        Assert.Equal(5, record.Code);
        Assert.Contains("still hold", record.Note);
        Assert.Equal("before\n", await ReadAllAsync(session.Stdout));
        var left = session.Process!.Cgroup!.Members();
        Assert.Single(left);
        session.Wipe();
        Assert.Null(AliveOf(left.Single()));
    }

    [Fact]
    public async Task Stop_asks_first_and_kills_after_the_grace_with_all_descendants()
    {
        await using var fixture = new SupervisorFixture();
        var polite = fixture.Start("trap 'exit 9' TERM; while :; do sleep 0.05; done");
        await Task.Delay(100, Token);
        Assert.Equal(9, (await polite.StopAsync(TimeSpan.FromSeconds(20), Token)).Code);

        var stubborn = fixture.Start("trap '' TERM; setsid sh -c 'trap \"\" TERM; echo $$; sleep 61' & wait");
        using var reader = stubborn.Stdout.Attach();
        var buffer = new byte[64];
        var escaped = int.Parse(Encoding.UTF8.GetString(buffer.AsSpan(0, await reader.ReadAsync(buffer, Token))));
        var record = await stubborn.StopAsync(TimeSpan.FromMilliseconds(100), Token, ExitCause.Policy, "the lease is over");
        Assert.Equal((ExitCause.Policy, 9, "the lease is over"), (record.Cause, record.Signal, record.Note));
        Assert.Null(AliveOf(escaped));
    }

    [Fact]
    public async Task What_is_started_after_a_kill_is_not_killed_with_it()
    {
        await using var fixture = new SupervisorFixture();
        for (var i = 1; i < 6; i++)
        {
            var killed = fixture.Start("exec sleep 60");
            killed.KillAll();
            Assert.Equal(9, (await killed.Exit.WaitAsync(Token)).Signal);
            Assert.Equal((ExitCause.Exit, i), await fixture.Start($"exit {i}").Exit.WaitAsync(Token) is var next ? (next.Cause, next.Code!.Value) : default);
        }
    }

    [Fact]
    public async Task A_terminal_is_one_stream_both_ways()
    {
        await using var fixture = new SupervisorFixture();
        var session = fixture.Start("tty; read x; echo got $x", spec => spec with { Terminal = true });
        await session.Stdin!.WriteAsync("hello\n"u8.ToArray(), Token);
        var text = await ReadAllAsync(session.Stdout);
        Assert.Contains("/dev/pts/", text);
        Assert.Contains("got hello\r\n", text);
        Assert.Equal(0, (await session.Exit).Code);
    }

    [Fact]
    public async Task A_failed_start_says_why_and_the_session_may_try_again()
    {
        await using var fixture = new SupervisorFixture();
        var session = fixture.Supervisor.Create();
        var failure = Assert.Throws<LinuxException>(() => session.Start(new ProcessSpec { Arguments = ["no-such-program"] }));
        Assert.Equal(LinuxErrno.ENOENT, failure.Errno);
        Assert.Equal(ProcessState.New, session.State);
        session.Start(new ProcessSpec { Arguments = ["true"] });
        Assert.Equal(0, (await session.Exit.WaitAsync(Token)).Code);
        Assert.Throws<InvalidOperationException>(() => session.Start(new ProcessSpec { Arguments = ["true"] }));
    }

    [Fact]
    public async Task Running_out_of_memory_is_told_as_that()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "skipped, because it needs root");
        Assert.SkipUnless(CgroupHierarchies.Read().Has("memory"), "skipped, because no memory cgroups are mounted");
        await using var fixture = new SupervisorFixture();
        var session = fixture.Start("exec tail /dev/zero", spec => spec with { Limits = new CgroupLimits { MemoryBytes = 16 << 20 } });
        var record = await session.Exit.WaitAsync(Token);
        Assert.Equal((ExitCause.OutOfMemory, 9), (record.Cause, record.Signal));
    }

    [Fact]
    public async Task Five_hundred_processes_at_once_each_get_their_own_record()
    {
        await using var fixture = new SupervisorFixture();
        var sessions = new List<ProcessSession>();
        await Parallel.ForAsync(0, 500, Token, (i, _) =>
        {
            var session = fixture.Start($"echo {i}; exit {i % 200}");
            lock (sessions)
            {
                sessions.Add(session);
            }

            return ValueTask.CompletedTask;
        });
        foreach (var session in sessions)
        {
            var record = await session.Exit.WaitAsync(Token);
            var text = await ReadAllAsync(session.Stdout);
            Assert.Equal(int.Parse(text) % 200, record.Code);
            session.Wipe();
        }

        Assert.Equal(500, sessions.Select(session => session.Id).Distinct().Count());
        Assert.Empty(fixture.Supervisor.Sessions);
    }

    internal static ProcessStat? AliveOf(int process)
    {
        var until = Stopwatch.StartNew();
        while (until.ElapsedMilliseconds < 2000 && ProcessStat.Read(process) is { State: not 'Z' })
        {
            Thread.Yield();
        }

        return ProcessStat.Read(process) is { State: not 'Z' } stat ? stat : null;
    }
}
