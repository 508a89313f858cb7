using System.Diagnostics;
using Pewter.Linux;
using Pewter.Linux.Cells;
using Pewter.Linux.Cgroups;
using static Pewter.Node.Tests.Agents.AgentConnection;

namespace Pewter.Node.Tests.Agents;

public sealed class CellTests
{
    [Fact]
    public async Task A_cell_is_a_machine_of_its_own()
    {
        await using var cells = new CellFixture();
        var cell = cells.Launch();
        await using var agent = await OpenAsync(cell.SocketPath);
        Assert.Equal(cell.Name, (await agent.ReadAsync("/sys/hostname")).Trim());
        Assert.Equal("version=0.1.0 pid=1", (await agent.ReadAsync("/sys/agent")).Trim());
        Assert.Equal("lo", (await agent.OutputOfAsync("ls /sys/class/net")).Trim());
        Assert.Equal("up", (await agent.OutputOfAsync("cat /proc/net/route >/dev/null; cat /sys/class/net/lo/flags | grep -q 0x9 && echo up")).Trim());
        Assert.InRange((await agent.OutputOfAsync("ls /proc | grep -c '^[0-9]'")).Trim(), "1", "9");
        Assert.NotEqual(Environment.MachineName, cell.Name);
    }

    [Fact]
    public async Task What_a_cell_writes_stays_inside()
    {
        await using var cells = new CellFixture();
        var cell = cells.Launch();
        await using var agent = await OpenAsync(cell.SocketPath);
        var mark = $"pw-{Guid.NewGuid():N}";
        Assert.Equal("a b c", (await agent.OutputOfAsync(
            $"echo a > /etc/{mark}; echo b > /tmp/{mark}; echo c > /usr/bin/{mark}; cat /etc/{mark} /tmp/{mark} /usr/bin/{mark}")).Replace('\n', ' ').Trim());
        Assert.False(File.Exists($"/etc/{mark}") || File.Exists($"/tmp/{mark}") || File.Exists($"/usr/bin/{mark}"));
        var other = cells.Launch();
        await using var stranger = await OpenAsync(other.SocketPath);
        Assert.Contains("No such file", await stranger.OutputOfAsync($"cat /etc/{mark}"));
    }

    [Theory]
    [InlineData("cat /proc/1/root/etc/hostname", "Permission denied")]
    [InlineData("mount -t tmpfs none /mnt", "denied|permitted")]
    [InlineData("unshare -n true", "permitted")]
    [InlineData("echo 1 > /proc/sys/vm/drop_caches", "Read-only|denied|nonexistent")]
    [InlineData("echo b > /proc/sysrq-trigger", "Read-only|denied|nonexistent")]
    [InlineData("mknod /tmp/d b 254 0", "permitted")]
    [InlineData("chroot /proc/1/root true", "denied|permitted")]
    [InlineData("cat /dev/vda", "No such file")]
    [InlineData("echo -1000 > /proc/1/oom_score_adj", "denied|I/O error")]
    [InlineData("mkdir /tmp/x && cd /tmp/x && ls ../../../../../../shown", "^$")]
    public async Task Ways_out_of_a_cell_are_shut(string script, string answer)
    {
        await using var cells = new CellFixture();
        var empty = Directory.CreateTempSubdirectory("pw-root-").FullName;
        var cell = cells.Launch(spec => spec with { Binds = [new CellBind(empty, "/shown", true)] });
        await using var agent = await OpenAsync(cell.SocketPath);
        Assert.Matches(answer, await agent.OutputOfAsync(script));
        Directory.Delete(empty);
    }

    [Fact]
    public async Task Without_a_user_namespace_the_ways_out_are_shut_too()
    {
        await using var cells = new CellFixture();
        var cell = cells.Launch(spec => spec with { UserNamespace = false });
        Assert.False(cell.HasUserNamespace);
        await using var agent = await OpenAsync(cell.SocketPath);
        Assert.Matches("denied|permitted", await agent.OutputOfAsync("mount -t tmpfs none /mnt"));
        Assert.Matches("Permission denied", await agent.OutputOfAsync("ls /proc/1/root/"));
        Assert.Matches("Read-only", await agent.OutputOfAsync("cat /proc/sys/vm/swappiness > /proc/sys/vm/swappiness"));
        Assert.Matches("permitted|denied", await agent.OutputOfAsync("mknod /tmp/d b 254 0"));
    }

    [Fact]
    public async Task A_fork_bomb_is_contained_and_the_cell_goes_away_cleanly()
    {
        await using var cells = new CellFixture();
        var cell = cells.Launch(spec => spec with { Limits = new CgroupLimits { Processes = 100 } });
        await using var agent = await OpenAsync(cell.SocketPath);
        var bomb = await agent.RunAsync("f() { f | f & }; f; sleep 1");
        var inside = Cgroup.Find(CgroupHierarchies.Read(), cell.CgroupName).Directories.First(directory => directory.Contains("/pids/"));
        for (var tries = 0; !Refused(inside); tries++)
        {
            Assert.True(tries < 1000, "the bomb never met its limit");
            Assert.InRange(int.Parse(File.ReadAllText($"{inside}/pids.current")), 0, 100);
            await Task.Delay(10, Token);
        }

        var clock = Stopwatch.StartNew();
        await cells.DestroyAsync(cell);
        Assert.InRange(clock.ElapsedMilliseconds, 0, 10_000);
    }

    // Counts the forks that the limit has refused, here or below.
    private static bool Refused(string cgroup) =>
        Directory.EnumerateFiles(cgroup, "pids.events", SearchOption.AllDirectories).Any(file => File.ReadAllText(file) is not ("max 0\n" or ""));

    [Fact]
    public async Task Limits_of_a_cell_and_of_a_session_in_it_hold()
    {
        await using var cells = new CellFixture();
        var cell = cells.Launch(spec => spec with { Limits = new CgroupLimits { Processes = 100, MemoryBytes = 192 << 20 } });
        await using var agent = await OpenAsync(cell.SocketPath);
        var session = await agent.RunAsync("exec tail /dev/zero", "limit mem=24Mi");
        Assert.Contains("cause=oom", await agent.ReadAsync($"{session}/wait"));
        Assert.Equal("still here\n", await agent.OutputOfAsync("echo still here"));
        Assert.Matches("^[^0]", await agent.OutputOfAsync("echo 999999 > /sys/fs/cgroup/pids/pids.max; cat /sys/fs/cgroup/pids/../pids.max 2>&1"));
    }

    [Fact]
    public async Task Twenty_cells_at_once_each_answer_and_leave_nothing()
    {
        await using var cells = new CellFixture();
        await Parallel.ForAsync(0, 20, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (_, _) =>
        {
            var cell = await Task.Run(() => cells.Launch());
            await using var agent = await OpenAsync(cell.SocketPath);
            Assert.Equal(cell.Name, (await agent.OutputOfAsync("hostname")).Trim());
        });
    }

    [Fact]
    public async Task A_cell_that_cannot_be_made_says_why_and_leaves_nothing()
    {
        await using var cells = new CellFixture();
        var failure = Assert.Throws<LinuxException>(() => cells.Launch(spec => spec with { Root = "/no/such/root" }));
        Assert.Contains("open /no/such/root", failure.Message);
        failure = Assert.Throws<LinuxException>(() => cells.Launch(spec => spec with { AgentPath = "/no/such/agent" }));
        Assert.Equal(LinuxErrno.ENOENT, failure.Errno);
    }

    [Fact]
    public async Task A_cell_is_found_again_by_another_launcher_and_a_dead_one_is_cleared_away()
    {
        await using var cells = new CellFixture();
        var cell = cells.Launch();
        var found = await Cell.FindAsync(cell.Name, cell.CgroupName, cell.SocketPath, cell.ProcessId, cell.StartTicks, TimeProvider.System, Token);
        Assert.True(found!.IsAlive);
        await using (var agent = await OpenAsync(found.SocketPath))
        {
            Assert.Equal("linux\n", await agent.ReadAsync("/sys/os"));
        }

        found.Dispose();
        await cells.DestroyAsync(cell);
        Assert.Null(await Cell.FindAsync(cell.Name, cell.CgroupName, cell.SocketPath, cell.ProcessId, cell.StartTicks, TimeProvider.System, Token));
    }
}
