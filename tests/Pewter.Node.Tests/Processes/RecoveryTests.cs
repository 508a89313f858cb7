using Pewter.Linux.Processes;
using Pewter.Node.Processes;
using static Pewter.Node.Tests.Processes.SupervisorFixture;

namespace Pewter.Node.Tests.Processes;

public sealed class RecoveryTests
{
    [Fact]
    public async Task Records_are_the_same_after_any_number_of_restarts()
    {
        await using var fixture = new SupervisorFixture();
        var first = await fixture.Start("exit 4").Exit.WaitAsync(Token);
        for (var i = 0; i < 3; i++)
        {
            fixture.Reopen();
            Assert.Equal(first with { Usage = default }, await RecordOf(fixture, first.Session) with { Usage = default });
        }
    }

    [Fact]
    public async Task Numbers_are_never_used_again()
    {
        await using var fixture = new SupervisorFixture();
        var last = fixture.Supervisor.Create().Id;
        fixture.Reopen();
        Assert.True(fixture.Supervisor.Create().Id > last);
    }

    [Fact]
    public async Task A_wiped_session_stays_wiped()
    {
        await using var fixture = new SupervisorFixture();
        var running = fixture.Start("sleep 60");
        var ended = fixture.Start("true");
        await ended.Exit.WaitAsync(Token);
        ended.Wipe();
        running.Wipe();
        await running.Exit.WaitAsync(Token);
        fixture.Reopen();
        Assert.Empty(fixture.Supervisor.Sessions);
    }

    [Fact]
    public async Task A_running_process_is_found_again_with_its_unread_output()
    {
        await using var fixture = new SupervisorFixture();
        var gate = Path.Combine(fixture.Directory, "gate");
        var session = fixture.Start($"while [ ! -e {gate} ]; do sleep 0.02; done; echo late; sleep 60");
        fixture.Reopen();
        var found = fixture.Supervisor.Find(session.Id)!;
        Assert.Equal((ProcessState.Running, session.Process!.Id), (found.State, found.Process!.Id));
        File.WriteAllText(gate, "");
        using var reader = found.Stdout.Attach();
        var buffer = new byte[16];
        Assert.Equal(5, await reader.ReadAsync(buffer, Token));
        found.KillAll();
        Assert.Equal(ExitCause.Lost, (await found.Exit.WaitAsync(Token)).Cause);
        ProcessWait.TryWaitFor(session.Process!.Id);
    }

    [Fact]
    public async Task A_process_whose_number_passed_on_is_lost_and_the_stranger_is_not_touched()
    {
        await using var fixture = new SupervisorFixture();
        var stranger = fixture.Start("sleep 60");
        var id = stranger.Id + 1;
        fixture.Supervisor.Dispose();
        File.AppendAllText(
            $"{fixture.Directory}/processes.journal",
            File.ReadLines($"{fixture.Directory}/processes.journal").Last()
                .Replace($"\"start\":{stranger.Id}", $"\"start\":{id}")
                .Replace($"\"ticks\":{stranger.Process!.StartTicks}", "\"ticks\":1") + "\n");
        fixture.Reopen();
        Assert.Equal(ExitCause.Lost, (await RecordOf(fixture, id)).Cause);
        Assert.Equal(ProcessState.Running, fixture.Supervisor.Find(stranger.Id)!.State);
        fixture.Supervisor.Find(stranger.Id)!.KillAll();
        ProcessWait.TryWaitFor(stranger.Process!.Id);
    }

    [Fact]
    public async Task A_process_that_no_line_names_is_ended()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "skipped, because it needs root");
        await using var fixture = new SupervisorFixture();
        var session = fixture.Start("exec sleep 60");
        fixture.Supervisor.Dispose();
        File.Delete($"{fixture.Directory}/processes.journal");
        fixture.Reopen();
        Assert.Equal(1, fixture.Supervisor.SweptProcesses);
        Assert.Null(SupervisorTests.AliveOf(session.Process!.Id));
        ProcessWait.TryWaitFor(session.Process!.Id);
    }

    [Fact]
    public async Task What_the_guardian_saw_becomes_the_record()
    {
        await using var fixture = new SupervisorFixture(o => o with { OrphanRecords = Path.Combine(o.StateDirectory, "orphans") });
        var session = fixture.Start("exit 42");
        await session.Exit.WaitAsync(Token);
        fixture.Supervisor.Dispose();
        var journal = $"{fixture.Directory}/processes.journal";
        File.WriteAllLines(journal, File.ReadAllLines(journal).Where(line => !line.Contains("\"cause\"")));
        OrphanRecords.Append(
            fixture.Options.OrphanRecords!,
            new WaitStatus(session.Process!.Id, 42, 0, false, default),
            session.Process.StartTicks);
        fixture.Reopen();
        Assert.Equal((ExitCause.Exit, 42), ((await RecordOf(fixture, session.Id)).Cause, (await RecordOf(fixture, session.Id)).Code));
    }

    [Fact]
    public async Task A_torn_last_line_is_cut_off()
    {
        await using var fixture = new SupervisorFixture();
        var record = await fixture.Start("exit 1").Exit.WaitAsync(Token);
        fixture.Supervisor.Dispose();
        File.AppendAllText($"{fixture.Directory}/processes.journal", "{\"id\":99,\"cau");
        fixture.Reopen();
        Assert.Null(fixture.Supervisor.Find(99));
        Assert.Equal(1, (await RecordOf(fixture, record.Session)).Code);
    }

    private static async Task<ExitRecord> RecordOf(SupervisorFixture fixture, long session) =>
        await fixture.Supervisor.Find(session)!.Exit.WaitAsync(TimeSpan.FromSeconds(5), Token);
}
