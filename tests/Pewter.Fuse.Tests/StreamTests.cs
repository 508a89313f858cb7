using System.Diagnostics;
using Pewter.Testing;

namespace Pewter.Fuse.Tests;

/// <summary>Files that block their readers.</summary>
public sealed class StreamTests
{
    [Theory]
    [InlineData("cat events")]
    [InlineData("tail -f events")]
    [InlineData("while read line; do echo $line; done < events")]
    [InlineData("grep --line-buffered -h line events")]
    public async Task Lines_arrive_one_by_one(string reader)
    {
        await using var tree = await MountedTree.StartAsync();
        tree.Events.Append("line 0");
        using var shell = Shell.Start($"cd {tree.Path}; {reader}");
        for (var i = 0; i < 4; i++)
        {
            var line = await shell.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(10));
            Assert.Equal($"line {i}", line);
            tree.Events.Append($"line {i + 1}");
        }

        shell.Kill(entireProcessTree: true);
        await shell.WaitForExitAsync();
        await Until.TrueAsync(() => tree.Events is { Waiting: 0, Opens: 0 }, "the reader is gone");
    }

    [Fact]
    public async Task Tail_shows_the_last_lines_and_ends()
    {
        await using var tree = await MountedTree.StartAsync();
        for (var i = 0; i < 50; i++)
            tree.Events.Append($"line {i}");
        var result = await tree.RunAsync("tail -n 2 events; head -n 1 events");
        Assert.Equal("line 48\nline 49\nline 0\n", result.Output);
    }

    [Fact]
    public async Task A_recursive_grep_passes_by_files_that_wait()
    {
        await using var tree = await MountedTree.StartAsync();
        var result = await tree.RunAsync("grep -rs state=ready . | sort");
        Assert.Equal("./node/n1/status:/node/n1 state=ready cores=8\n./status:/ state=ready\n", result.Output);
        tree.Events.Append("line");
        Assert.Equal("./events:line\n", (await tree.RunAsync("grep -rs line .")).Output);
    }

    [Fact]
    public async Task A_reader_that_may_not_wait_gets_EAGAIN_and_loses_nothing()
    {
        await using var tree = await MountedTree.StartAsync();
        using var reader = Shell.Start($$"""
            exec python3 -c '
            import os
            fd = os.open("{{tree.Path}}/events", os.O_RDONLY | os.O_NONBLOCK)
            for _ in range(3):
                try: os.read(fd, 100)
                except BlockingIOError: print("nothing", flush=True)
            os.set_blocking(fd, True)
            print(os.read(fd, 100).decode(), flush=True)
            '
            """);
        for (var i = 0; i < 3; i++)
            Assert.Equal("nothing", await reader.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(20)));
        tree.Events.Append("now");
        Assert.Equal("now", await reader.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(10)));
        await reader.WaitForExitAsync();
    }

    [Theory]
    [InlineData("TERM")]
    [InlineData("KILL")]
    [InlineData("INT")]
    public async Task A_blocked_reader_can_be_killed(string signal)
    {
        await using var tree = await MountedTree.StartAsync();
        using var reader = Shell.Start($"exec cat {tree.Path}/events");
        await Until.TrueAsync(() => tree.Events.Waiting == 1, "the reader blocks");
        var start = Stopwatch.GetTimestamp();
        await Shell.RunAsync($"kill -{signal} {reader.Id}");
        await reader.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(5));
        Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(2));
        await Until.TrueAsync(() => tree.Events is { Waiting: 0, Opens: 0 }, "the open is released");
    }

    [Fact]
    public async Task A_blocked_write_can_be_killed()
    {
        await using var tree = await MountedTree.StartAsync();
        using var writer = Shell.Start($"echo block > {tree.Path}/ctl");
        await Until.TrueAsync(() => tree.Ctl.Blocked == 1, "the write blocks");
        writer.Kill(entireProcessTree: true);
        await writer.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(5));
        await Until.TrueAsync(() => tree.Ctl.Blocked == 0, "the write is interrupted");
        Assert.Empty(tree.Ctl.Commands);
    }

    [Fact]
    public async Task A_handled_signal_interrupts_a_read_and_loses_nothing()
    {
        await using var tree = await MountedTree.StartAsync();
        using var reader = Shell.Start($$"""
            exec python3 -c '
            import os, signal
            def ring(*_): raise TimeoutError()
            signal.signal(signal.SIGALRM, ring)
            fd = os.open("{{tree.Path}}/events", os.O_RDONLY)
            for _ in range(20):
                signal.setitimer(signal.ITIMER_REAL, 0.02)
                try: os.read(fd, 100)
                except TimeoutError: pass
            print("ready", flush=True)
            print(os.read(fd, 100).decode(), flush=True)
            '
            """);
        Assert.Equal("ready", await reader.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(20)));
        tree.Events.Append("after the alarms");
        Assert.Equal("after the alarms", await reader.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(10)));
        await reader.WaitForExitAsync();
    }

    [Fact]
    public async Task Other_files_answer_while_many_readers_block()
    {
        await using var tree = await MountedTree.StartAsync();
        using var readers = Shell.Start($"cd {tree.Path}; for i in $(seq 50); do cat events >/dev/null & done; wait");
        await Until.TrueAsync(() => tree.Events.Waiting == 50, "fifty readers block");
        var start = Stopwatch.GetTimestamp();
        Assert.Equal("/ state=ready\n", (await tree.RunAsync("cat status")).Output);
        Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(2));
        tree.Events.End();
        await readers.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(10));
        await Until.TrueAsync(() => tree.Mount.Dispatcher.Handles.Count == 0, "every open is released");
    }

    [Fact]
    public async Task A_read_and_a_write_through_one_descriptor_do_not_wait_for_each_other()
    {
        await using var tree = await MountedTree.StartAsync();
        tree.Events.Mode = 0x1B6;
        using var reader = Shell.Start($"cd {tree.Path}; exec 3<>events; cat <&3 & sleep 0.3; echo since 0 >&3; echo written; wait");
        Assert.Equal("written", await reader.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(10)));
        tree.Events.Append("seen");
        Assert.Equal("seen", await reader.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(10)));
        tree.Events.End();
        await reader.WaitForExitAsync();
    }
}
