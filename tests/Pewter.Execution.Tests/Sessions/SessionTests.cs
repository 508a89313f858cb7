using System.Diagnostics;
using Pewter.NineP;
using Pewter.NineP.Serving;
using Pewter.Store;
using Pewter.Tree;
using static Pewter.Execution.Tests.Sessions.ExecutionHouse;

namespace Pewter.Execution.Tests.Sessions;

public sealed class SessionTests
{
    [Fact]
    public async Task A_program_runs_and_its_output_exit_and_wait_are_files()
    {
        await using var node = await AgentNode.StartAsync();
        await using var house = await StartAsync([node]);

        var session = await house.SessionAsync("env COLOUR=grey", "dir /tmp", Shell("echo $COLOUR; pwd; echo oops >&2; exit 7"));

        Assert.Equal("grey\n/tmp\n", await house.Admin.ReadTextAsync(session + "/stdout", Token));
        Assert.Equal("oops\n", await house.Admin.ReadTextAsync(session + "/stderr", Token));
        var wait = await house.Admin.ReadTextAsync(session + "/wait", Token);
        Assert.StartsWith($"{session} state=ended cause=exit", wait);
        Assert.Contains("shell_code=7", wait);
        Assert.Equal(wait, await house.Admin.ReadTextAsync(session + "/wait", Token));
    }

    [Fact]
    public async Task Output_can_be_awaited_before_the_program_is_started()
    {
        await using var node = await AgentNode.StartAsync();
        await using var house = await StartAsync([node]);
        var session = await house.SessionAsync();

        var reading = house.Admin.ReadTextAsync(session + "/stdout", Token);
        await using (var ctl = await house.Admin.OpenAsync(session + "/ctl", OpenFlags.ReadWrite, Token))
        {
            await ctl.TryCommandAsync("exec /bin/echo hello", Token);
        }

        Assert.Equal("hello\n", await reading);
    }

    [Fact]
    public async Task What_cannot_be_started_is_the_error_of_exec_and_the_session_can_try_again()
    {
        await using var node = await AgentNode.StartAsync();
        await using var house = await StartAsync([node]);
        var session = await house.SessionAsync();

        var missing = await Assert.ThrowsAsync<FileException>(async () =>
            await house.Admin.CommandAsync(session + "/ctl", ["exec", "/no/such/program"], Token));
        var unfit = await Assert.ThrowsAsync<FileException>(async () =>
            await house.Admin.CommandAsync(session + "/ctl", ["exec", "/etc/passwd"], Token));
        await house.Admin.CommandAsync(session + "/ctl", ["exec", "/bin/true"], Token);

        Assert.Equal(Errno.ENOENT, missing.Errno);
        Assert.Equal(Errno.EACCES, unfit.Errno);
        Assert.Contains("shell_code=0", await house.Admin.ReadTextAsync(session + "/wait", Token));
    }

    [Fact]
    public async Task A_query_that_finds_no_node_says_so()
    {
        await using var node = await AgentNode.StartAsync();
        await using var house = await StartAsync([node]);

        var refused = await Assert.ThrowsAsync<FileException>(() => house.SessionAsync("on cpus>=64", "exec /bin/true"));

        Assert.Equal(Errno.ENODEV, refused.Errno);
        Assert.Contains("cpus>=64", refused.Message);
    }

    [Fact]
    public async Task A_group_spreads_over_nodes_and_its_output_is_tagged_by_record()
    {
        await using var nodes = await AgentNodes.StartAsync(3);
        await using var house = await StartAsync(nodes.All);

        var session = await house.SessionAsync("res 6", Shell("echo first $PEWTER_INDEX of $PEWTER_COUNT; printf 'no newline'"));
        var lines = (await house.Admin.ReadTextAsync(session + "/stdout", Token)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var topology = (await house.Admin.ReadTextAsync(session + "/topology", Token)).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal(
            Enumerable.Range(0, 6).SelectMany(i => new[] { $"{i}: first {i} of 6", $"{i}: no newline" }).Order(), lines.Order());
        Assert.Equal([2, 2, 2], topology.GroupBy(line => line.Split(' ')[1]).Select(group => group.Count()));
        Assert.Contains("processes=6 failed=0", await house.Admin.ReadTextAsync(session + "/wait", Token));
    }

    [Fact]
    public async Task Input_is_given_to_all_or_dealt_out_by_record()
    {
        await using var nodes = await AgentNodes.StartAsync(2);
        await using var house = await StartAsync(nodes.All);

        var all = await house.SessionAsync("res 2", "exec /bin/cat");
        await house.Admin.WriteTextAsync(all + "/stdin", "a\nb\n", Token);
        var dealt = await house.SessionAsync("res 2", "input deal", "exec /bin/cat");
        await house.Admin.WriteTextAsync(dealt + "/stdin", "a\nb\nc", Token);

        Assert.Equal("0: a,0: b,1: a,1: b", string.Join(',', (await LinesAsync(house, all)).Order()));
        Assert.Equal("0: a,0: c,1: b", string.Join(',', (await LinesAsync(house, dealt)).Order()));
    }

    [Fact]
    public async Task One_write_kills_what_a_query_finds_and_each_is_told_apart()
    {
        await using var nodes = await AgentNodes.StartAsync(2);
        await using var house = await StartAsync(nodes.All);
        var victims = new List<string>();
        for (var i = 0; i < 4; i++) victims.Add(await house.SessionAsync("label prey", "exec /bin/sleep 60"));
        var other = await house.SessionAsync("exec /bin/sleep 60");

        var replies = await house.Admin.CommandAsync("/proc/query/labels=prey/ctl", ["kill"], Token);

        Assert.Equal(victims, replies.Select(reply => reply.Target));
        foreach (var victim in victims) Assert.Contains("shell_code=137", await house.Admin.ReadTextAsync(victim + "/wait", Token));
        Assert.Contains("state=running", await house.Admin.ReadTextAsync(other + "/status", Token));
        await house.Admin.CommandAsync(other + "/ctl", ["kill"], Token);
    }

    [Fact]
    public async Task A_restarted_daemon_knows_what_ended_meanwhile_and_what_still_runs()
    {
        await using var node = await AgentNode.StartAsync();
        var disk = new MemoryDisk();
        string quick, slow;
        await using (var first = await StartAsync([node], disk))
        {
            quick = await first.SessionAsync(Shell("sleep 0.5; echo late; exit 3"));
            slow = await first.SessionAsync("exec /bin/sleep 60");
        }

        await Task.Delay(1000, Token);
        await using var second = await StartAsync([node], disk);

        Assert.Contains("shell_code=3", await second.Admin.ReadTextAsync(quick + "/wait", Token));
        Assert.Equal("late\n", await second.Admin.ReadTextAsync(quick + "/stdout", Token));
        Assert.Contains("state=running", await second.Admin.ReadTextAsync(slow + "/status", Token));
        await second.Admin.CommandAsync(slow + "/ctl", ["kill"], Token);
        Assert.Contains("signal", await second.Admin.ReadTextAsync(slow + "/wait", Token));
    }

    [Fact]
    public async Task Processes_of_a_node_that_stays_away_end_as_node_lost_and_those_of_one_that_returns_do_not()
    {
        await using var nodes = await AgentNodes.StartAsync(2);
        await using var house = await StartAsync(nodes.All, limits: new ExecutionLimits { NodeLease = TimeSpan.FromSeconds(3) });
        var group = await house.SessionAsync("res 2", Shell("sleep 2; echo done"));
        var lost = nodes.All[1];
        lost.IsCut = true;
        lost.State = "lost";
        await lost.StopServingAsync();

        var wait = await house.Admin.ReadTextAsync(group + "/wait", Token);

        Assert.Contains("cause=node-lost", wait);
        Assert.Contains("failed=1", wait);
        Assert.Contains("shell_code=0", await house.Admin.ReadTextAsync(group + "/0/wait", Token));
    }

    [Fact]
    public async Task A_splice_takes_the_agent_on_one_node_and_the_tree_between_two()
    {
        await using var nodes = await AgentNodes.StartAsync(2);
        await using var house = await StartAsync(nodes.All);
        var first = await house.SessionAsync("on id=n1", Shell("sleep 0.5; seq 1 20000"));
        var elsewhere = await house.SessionAsync("on id=n2", "exec /usr/bin/wc -l");
        Assert.Equal("tree", await SpliceAsync(house, elsewhere, first));
        Assert.Equal("20000\n", await house.Admin.ReadTextAsync(elsewhere + "/stdout", Token));

        var third = await house.SessionAsync("on id=n2", Shell("sleep 0.5; seq 1 40000"));
        var same = await house.SessionAsync("on id=n2", "exec /usr/bin/wc -l");
        Assert.Equal("agent", await SpliceAsync(house, same, third));
        Assert.Equal("40000\n", await house.Admin.ReadTextAsync(same + "/stdout", Token));
    }

    [Fact]
    public async Task A_user_may_neither_see_nor_kill_anothers_session()
    {
        await using var node = await AgentNode.StartAsync();
        await using var house = await StartAsync([node]);
        var session = await house.SessionAsync("exec /bin/sleep 60");
        var ann = new TreeClient(house.Root, new Caller { User = "ann", Uid = 1001, Gid = 1001 });

        Assert.Equal("", await ann.ReadTextAsync("/proc/status", Token));
        var refused = await Assert.ThrowsAsync<FileException>(async () => await ann.CommandAsync(session + "/ctl", ["kill"], Token));
        await house.Admin.CommandAsync(session + "/ctl", ["kill"], Token);

        Assert.Equal(Errno.EACCES, refused.Errno);
    }

    [Fact]
    public async Task Wiping_forgets_the_session_here_and_on_its_node()
    {
        await using var node = await AgentNode.StartAsync();
        await using var house = await StartAsync([node]);
        var session = await house.SessionAsync("exec /bin/sleep 60");
        var pid = node.Supervisor.Sessions.Single().Process!.Id;

        await house.Admin.CommandAsync(session + "/ctl", ["wipe"], Token);

        Assert.Equal("", await house.Admin.ReadTextAsync("/proc/status", Token));
        Assert.Empty(node.Supervisor.Sessions);
        Assert.False(Process.GetProcesses().Any(process => process.Id == pid), $"process {pid} is still there");
    }

    private static async Task<string> SpliceAsync(ExecutionHouse house, string into, string from) =>
        (await house.Admin.CommandAsync(into + "/ctl", ["splice", from], Token))[0].Text("way");

    private static async Task<string[]> LinesAsync(ExecutionHouse house, string session) =>
        (await house.Admin.ReadTextAsync(session + "/stdout", Token)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
