using System.Diagnostics;
using System.Text.Json;
using Pewter.Linux.Processes;
using Pewter.NineP;
using Pewter.NineP.Serving;
using Pewter.Testing;

namespace Pewter.Machines.Tests.Nodes;

public sealed class CellTests
{
    [Fact]
    public async Task Cells_run_programs_apart_from_each_other_and_leave_nothing()
    {
        await using var house = await RealHouse.StartAsync();
        await house.Admin.CommandAsync("/node/ctl", ["alloc", "n=3", "mem=256Mi", "pids=64", "cpu=0.5"]);
        Assert.Equal("n1\n", await house.RunAsync("n1", "hostname"));
        Assert.Equal("lo\n", await house.RunAsync("n2", "ls /sys/class/net"));
        await house.RunAsync("n1", "echo mine > /etc/pw-mine");
        Assert.Equal("", await house.RunAsync("n2", "cat /etc/pw-mine 2>/dev/null"));
        Assert.False(File.Exists("/etc/pw-mine"));
        Assert.Equal("mine\n", await house.Admin.ReadTextAsync("/node/n1/fs/etc/pw-mine"));
        var json = await JsonAsync(house, "n1");
        Assert.Equal((0.5, 256L << 20), (json.GetProperty("cpus").GetDouble(), json.GetProperty("mem").GetInt64()));
        Assert.NotEmpty(await house.LeftAsync());

        await house.Admin.CommandAsync("/node/query/kind=cell/ctl", ["release"]);
        Assert.Empty(await house.Daemon.NodesAsync());
        Assert.Empty(await house.LeftAsync());
        Assert.Empty(await house.Daemon.Ledger.ListAsync(default));
    }

    [Fact]
    public async Task The_root_of_a_users_cell_is_nobody_on_the_machine_and_reads_none_of_its_secrets()
    {
        await using var house = await RealHouse.StartAsync();
        await house.Daemon.As(NodeHouse.Ann).CommandAsync("/node/ctl", ["alloc"]);
        Assert.Equal("0\n", await house.RunAsync("n1", "id -u"));
        Assert.Contains("Permission denied", await house.RunAsync("n1", "cat /etc/shadow 2>&1"));
        Assert.Equal("a name\n", await house.RunAsync("n1", "echo a name > /etc/pw-name; cat /etc/pw-name"));
        Assert.DoesNotContain("Uid:\t0\t", File.ReadAllText($"/proc/{await ProcessAsync(house, "n1")}/status"));
        await house.Admin.CommandAsync("/node/n1/ctl", ["release"]);
        Assert.Empty(await house.LeftAsync());
    }

    [Fact]
    public async Task A_killed_daemon_finds_its_cells_again_with_what_runs_in_them()
    {
        await using var house = await RealHouse.StartAsync();
        await house.Admin.CommandAsync("/node/ctl", ["alloc", "n=2"]);
        var (id, ctl) = await house.Admin.CloneAsync("/node/n1/proc");
        await ctl.TryCommandAsync("type persistent");
        await ctl.TryCommandAsync("exec /bin/sh -c 'sleep 1; echo still here'");
        await house.Daemon.KillAsync();

        await house.RestartAsync();
        Assert.Equal("ready", await house.Daemon.StateAsync("n1"));
        Assert.Equal("still here\n", await house.Admin.ReadTextAsync($"/node/n1/proc/{id}/stdout"));
        await house.Admin.CommandAsync("/node/query/kind=cell/ctl", ["release"]);
        Assert.Empty(await house.LeftAsync());
    }

    [Fact]
    public async Task A_cell_whose_agent_is_killed_is_an_error_at_once_and_lost_within_two_seconds()
    {
        await using var house = await RealHouse.StartAsync();
        await house.Admin.CommandAsync("/node/ctl", ["alloc"]);
        await using var wait = await house.Admin.OpenAsync("/node/n1/wait", OpenFlags.ReadWrite);
        await wait.WriteTextAsync("lost");
        var read = house.RunAsync("n1", "sleep 60");
        await Task.Delay(200, TestContext.Current.CancellationToken);
        var start = Stopwatch.GetTimestamp();
        ProcessControl.Signal(await ProcessAsync(house, "n1"), 9);
        await Assert.ThrowsAsync<FileException>(() => read);
        Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(2));
        Assert.Contains("state=lost", await wait.ReadLineAsync());
        Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(4));
        Assert.Empty(await house.LeftAsync());
        Assert.Equal(Errno.ENOLINK, (await Assert.ThrowsAsync<FileException>(async () => await house.Admin.ReadTextAsync("/node/n1/sys/os"))).Errno);
    }

    [Fact]
    public async Task A_frozen_agent_is_an_error_within_two_seconds_and_answers_again_when_it_thaws()
    {
        const int Stop = 19, Continue = 18;
        await using var house = await RealHouse.StartAsync();
        await house.Admin.CommandAsync("/node/ctl", ["alloc"]);
        Assert.Equal("linux\n", await house.Admin.ReadTextAsync("/node/n1/sys/os"));
        var process = await ProcessAsync(house, "n1");
        await Task.Delay(300, TestContext.Current.CancellationToken);
        ProcessControl.Signal(process, Stop);
        await Until.TrueAsync(() => ProcessStat.Read(process)?.State == 'T', "it stands still");
        var start = Stopwatch.GetTimestamp();
        Assert.Equal(Errno.ENOLINK, (await Assert.ThrowsAsync<FileException>(async () => await house.Admin.ReadTextAsync("/node/n1/sys/os"))).Errno);
        Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(3));
        ProcessControl.Signal(process, Continue);
        Assert.Equal("linux\n", await house.Admin.ReadTextAsync("/node/n1/sys/os"));
    }

    [Fact]
    public async Task A_cell_whose_root_is_no_root_is_refused_and_leaves_nothing()
    {
        await using var house = await RealHouse.StartAsync();
        var empty = Directory.CreateTempSubdirectory("pw");
        try
        {
            var reply = (await house.Admin.TryCommandAsync("/node/ctl", ["alloc", "n=2", $"root={empty.FullName}/../{empty.Name}/none"]))[0];
            Assert.False(reply.IsOk);
            Assert.Empty(await house.Daemon.NodesAsync());
            Assert.Empty(await house.LeftAsync());
        }
        finally
        {
            empty.Delete(true);
        }
    }

    [Fact]
    public async Task The_host_is_always_there_and_its_agent_outlives_the_daemon()
    {
        await using var house = await RealHouse.StartAsync(hasHost: true);
        Assert.Equal("ready", await house.Daemon.StateAsync("host"));
        Assert.Equal($"{Environment.MachineName}\n", await house.RunAsync("host", "hostname"));
        var before = await ProcessAsync(house, "n1");
        var refused = await Assert.ThrowsAsync<FileException>(async () => await house.Admin.CommandAsync("/node/host/ctl", ["release"]));
        Assert.Equal(Errno.EPERM, refused.Errno);
        await house.Daemon.KillAsync();

        await house.RestartAsync(hasHost: true);
        Assert.Equal(before, await ProcessAsync(house, "n1"));
        ProcessControl.Signal(before, 9);
        await Until.TrueAsync(
            () => house.Daemon.StateAsync("n1").Result == "ready" && ProcessAsync(house, "n1").Result != before, "another agent serves");
        Assert.Equal("linux\n", await house.Admin.ReadTextAsync("/node/host/sys/os"));
    }

    private static async Task<int> ProcessAsync(RealHouse house, string node) =>
        int.Parse((await JsonAsync(house, node)).GetProperty("handle").GetProperty("process").GetString()!, System.Globalization.CultureInfo.InvariantCulture);

    private static async Task<JsonElement> JsonAsync(RealHouse house, string node)
    {
        using var json = JsonDocument.Parse(await house.Admin.ReadTextAsync($"/node/{node}/json"));
        return json.RootElement.Clone();
    }
}
