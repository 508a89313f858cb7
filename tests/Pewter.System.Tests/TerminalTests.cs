namespace Pewter.System.Tests;

/// <summary><c>pewter run --pty</c> at a real terminal.</summary>
public sealed class TerminalTests(Lab lab) : IClassFixture<Lab>
{
    [Fact]
    public void A_program_sits_at_the_terminal_of_the_person_and_follows_its_size()
    {
        var system = lab.System;
        using var terminal = new TerminalProgram(
            system, Programs.Pewter, "run", "--pty", "--", "/bin/sh", "-c", "trap 'stty size' WINCH; tty; echo $TERM; while :; do sleep 0.05; done");
        terminal.WaitFor(@"/dev/pts/\d+\r\nxterm\r\n");
        Assert.True(terminal.IsRaw);
        terminal.Resize(44, 122);
        terminal.WaitFor("44 122\r\n");
        terminal.Type("\x03");
        Assert.Equal(130, terminal.WaitForExit());
        Assert.False(terminal.IsRaw);
    }

    [Fact]
    public void What_is_typed_is_echoed_and_read_there()
    {
        var system = lab.System;
        using var terminal = new TerminalProgram(
            system, Programs.Pewter, "run", "--pty", "--", "/bin/sh", "-c",
                "stty size; while read line; do echo got $line; [ $line != bye ] || exit 7; done");
        terminal.WaitFor("33 101\r\n");
        terminal.Type("word\r");
        terminal.WaitFor("word\r\ngot word\r\n");
        terminal.Type("bye\r");
        Assert.Equal(7, terminal.WaitForExit());
    }

    [Fact]
    public void Ctrl_C_reaches_the_program_there_and_not_the_command_here()
    {
        var system = lab.System;
        using var terminal = new TerminalProgram(
            system, Programs.Pewter, "run", "--pty", "--", "/bin/sh", "-c",
                "trap 'echo caught; exit 9' INT; echo ready; while :; do sleep 0.05; done");
        terminal.WaitFor("ready");
        terminal.Type("\x03");
        Assert.Equal(9, terminal.WaitForExit());
        Assert.Contains("caught", terminal.Screen);
        Assert.False(terminal.IsRaw);
    }

    [Theory]
    [InlineData("TERM")]
    [InlineData("HUP")]
    public void A_signal_ends_the_program_and_the_terminal_is_as_before(string signal)
    {
        var system = lab.System;
        using var terminal = new TerminalProgram(system, Programs.Pewter, "run", "--pty", "--", "sleep", "60");
        terminal.WaitUntilRaw();
        terminal.Signal(signal);
        Assert.True(terminal.WaitForExit() > 128);
        Assert.False(terminal.IsRaw);
    }

    [Fact]
    public async Task A_tilde_and_a_dot_leave_a_program_that_goes_on()
    {
        var system = lab.System;
        var id = (await system.RunAsync("spawn", "--pty", "--", "/bin/sh", "-c", "stty -echo; read line; echo got $line; exit 4")).Output.Trim();
        using (var terminal = new TerminalProgram(system, Programs.Pewter, "attach", id))
        {
            terminal.WaitUntilRaw();
            terminal.Type("~.");
            Assert.Equal(0, terminal.WaitForExit());
            Assert.False(terminal.IsRaw);
        }

        using (var terminal = new TerminalProgram(system, Programs.Pewter, "attach", id))
        {
            terminal.WaitUntilRaw();
            terminal.Type("again\r");
            terminal.WaitFor("got again");
            Assert.Equal(4, terminal.WaitForExit());
        }
    }

    [Fact]
    public async Task A_daemon_that_dies_gives_the_terminal_back()
    {
        Programs.RequireCells();
        await using var system = new PewterSystem();
        Directory.CreateDirectory(system.State);
        var (daemon, _) = await system.StartDaemonAsync();
        using (daemon)
        using (var terminal = new TerminalProgram(system, Programs.Pewter, "run", "--pty", "--", "sleep", "60"))
        {
            terminal.WaitUntilRaw();
            daemon.Kill();
            Assert.NotEqual(0, terminal.WaitForExit());
            Assert.False(terminal.IsRaw);
        }
    }
}
