using Pewter.Linux.Cells;
using Pewter.Linux.Processes;
using Pewter.Linux.Spawning;
using static Pewter.Node.Tests.Agents.AgentConnection;

namespace Pewter.Node.Tests.Agents;

/// <summary>Cells of somebody who is not root: its root is nobody on the host.</summary>
public sealed class UserCellTests : IDisposable
{
    private const uint First = 0x7A00_0000;
    private const uint Nobody = 65534;

    // Not below /tmp, which a cell has of its own.
    private readonly string _directory = Path.Combine("/var/tmp", $"pw-user-cell-{Guid.NewGuid():N}");

    public void Dispose()
    {
        if (Directory.Exists(_directory))
        {
            Directory.Delete(_directory, true);
        }
    }

    [Fact]
    public async Task Its_root_reads_what_everybody_may_and_no_secret_of_the_host()
    {
        await using var cells = new CellFixture();
        var cell = Launch(cells);
        Directory.CreateDirectory(_directory);
        File.WriteAllText($"{_directory}/public", "for all\n");
        foreach (var (name, mode) in (IEnumerable<(string, UnixFileMode)>)[
            ("secret", UnixFileMode.UserRead), ("grouped", UnixFileMode.UserRead | UnixFileMode.GroupRead)])
        {
            File.WriteAllText($"{_directory}/{name}", "hidden\n");
            File.SetUnixFileMode($"{_directory}/{name}", mode);
        }

        await using var agent = await OpenAsync(cell.SocketPath);
        Assert.Equal("0\n", await agent.OutputOfAsync("id -u"));
        Assert.Equal("for all\n", await agent.OutputOfAsync($"cat {_directory}/public"));
        foreach (var path in (string[])[$"{_directory}/secret", $"{_directory}/grouped", "/etc/shadow", "/etc/gshadow"])
        {
            Assert.Contains("Permission denied", await agent.OutputOfAsync($"cat {path}"));
            Assert.Contains("Permission denied", await agent.OutputOfAsync($"chmod 777 {path}; cp {path} /tmp/copy; cat /tmp/copy; cat {path}"));
        }

        Assert.Equal("", (await agent.OutputOfAsync("ls -A /root")).Trim());
    }

    [Fact]
    public async Task Its_processes_have_no_right_of_roots_on_the_host()
    {
        await using var cells = new CellFixture();
        var cell = Launch(cells);
        await using var agent = await OpenAsync(cell.SocketPath);
        var session = await agent.RunAsync("exec sleep 60");
        var inside = ProcessStat.ReadAll().Single(stat => stat.Parent == cell.ProcessId);
        foreach (var process in (int[])[cell.ProcessId, inside.Id])
        {
            Assert.Contains($"Uid:\t{First}\t{First}\t{First}\t{First}", File.ReadAllText($"/proc/{process}/status"));
            Assert.Contains($"Gid:\t{First}\t{First}\t{First}\t{First}", File.ReadAllText($"/proc/{process}/status"));
            Assert.Matches(@"Groups:\s*\n", File.ReadAllText($"/proc/{process}/status"));
        }

        await agent.CommandAsync(session, "kill");
        Assert.Equal("0\n", await agent.OutputOfAsync("id -G"));
    }

    [Fact]
    public async Task Its_owner_is_itself_inside_and_outside()
    {
        await using var cells = new CellFixture();
        var cell = Launch(cells);
        await using var agent = await OpenAsync(cell.SocketPath, "nobody");
        var session = await agent.RunAsync("id -u; exec sleep 60");
        await using (var output = await agent.Tree.OpenAsync($"{session}/stdout", Pewter.NineP.Serving.OpenFlags.ReadOnly, Token))
        {
            Assert.Equal($"{Nobody}", await output.ReadLineAsync(Token));
        }

        var inside = ProcessStat.ReadAll().Single(stat => stat.Parent == cell.ProcessId);
        Assert.Contains($"Uid:\t{Nobody}\t{Nobody}", File.ReadAllText($"/proc/{inside.Id}/status"));
        await agent.CommandAsync(session, "kill");
    }

    [Fact]
    public async Task Its_owners_programs_are_limited_before_they_start_and_refused_a_new_kind_of_limit_later()
    {
        await using var cells = new CellFixture();
        var cell = Launch(cells);
        await using var agent = await OpenAsync(cell.SocketPath, "nobody");
        var hungry = await agent.RunAsync("exec tail /dev/zero", "limit mem=24Mi");
        Assert.Contains("cause=oom", await agent.ReadAsync($"{hungry}/wait"));
        var running = await agent.RunAsync("exec sleep 60");
        try
        {
            await agent.CommandAsync(running, "limit mem=64Mi");
        }
        catch (Pewter.NineP.FileException refused)
        {
            Assert.Equal(Pewter.NineP.Errno.EACCES, refused.Errno);
        }

        Assert.Contains("state=running", await agent.ReadAsync($"{running}/status"));
        await agent.CommandAsync(running, "kill");
    }

    [Fact]
    public async Task Its_root_writes_where_a_root_does_and_nothing_of_it_is_seen_outside()
    {
        await using var cells = new CellFixture();
        var cell = Launch(cells);
        await using var agent = await OpenAsync(cell.SocketPath);
        var mark = $"pw-{Guid.NewGuid():N}";
        var places = (string[])["/etc", "/usr/bin", "/usr/local/bin", "/var/lib", "/opt", "/root", "/tmp", "/home"];
        var script = string.Join("; ", places.Select(place => $"echo {place} > {place}/{mark} && cat {place}/{mark}"));
        Assert.Equal(string.Concat(places.Select(place => place + "\n")), await agent.OutputOfAsync(script));
        Assert.DoesNotContain(places, place => File.Exists($"{place}/{mark}"));
        Assert.Equal("mine\n", await agent.OutputOfAsync("cp /etc/hostname /etc/new; echo mine > /etc/new; mv /etc/new /etc/hostname; cat /etc/hostname"));
        Assert.Equal("gone\n", await agent.OutputOfAsync("rm -f /etc/hostname; [ -e /etc/hostname ] || echo gone"));
        Assert.True(File.Exists("/etc/hostname"));
    }

    [Theory]
    [InlineData("cat /proc/1/root/etc/hostname", "Permission denied")]
    [InlineData("mount -t tmpfs none /mnt", "denied|permitted|must be superuser")]
    [InlineData("unshare -n true", "permitted")]
    [InlineData("unshare -U true", "permitted")]
    [InlineData("echo 1 > /proc/sys/vm/drop_caches", "Read-only|denied|nonexistent")]
    [InlineData("echo b > /proc/sysrq-trigger", "Read-only|denied|nonexistent")]
    [InlineData("mknod /tmp/d b 254 0", "permitted")]
    [InlineData("chroot /proc/1/root true", "denied|permitted")]
    [InlineData("cat /dev/vda /dev/mem /dev/kmsg", "No such file")]
    [InlineData("ls /sys/firmware /proc/acpi 2>/dev/null | grep -v : | tr -d '\\n'", "^$")]
    [InlineData("mkdir /tmp/x && cd /tmp/x && cat ../../../../../../../../etc/shadow", "Permission denied")]
    [InlineData("ln -s /proc/1/root/etc/shadow /tmp/link; cat /tmp/link", "Permission denied")]
    [InlineData("dd if=/proc/1/mem of=/dev/null bs=1 count=1", "Permission denied|Input/output")]
    [InlineData("cp /usr/bin/id /tmp/id; chmod u+s /tmp/id; setpriv --reuid=33 --clear-groups /tmp/id -u 2>&1", "^33$")]
    [InlineData("grep -E '^(NoNewPrivs|Seccomp):' /proc/self/status | tr -d '\\n\\t '", "NoNewPrivs:1Seccomp:2")]
    public async Task Ways_out_of_it_are_shut(string script, string answer)
    {
        await using var cells = new CellFixture();
        var cell = Launch(cells);
        await using var agent = await OpenAsync(cell.SocketPath);
        Assert.Matches(answer, (await agent.OutputOfAsync(script)).Trim());
    }

    [Fact]
    public async Task A_path_that_leaves_the_cells_files_is_refused_by_its_tree()
    {
        await using var cells = new CellFixture();
        var cell = Launch(cells);
        await using var agent = await OpenAsync(cell.SocketPath);
        await agent.OutputOfAsync("ln -s /proc/1/root /tmp/out");
        await Assert.ThrowsAnyAsync<Exception>(() => agent.ReadAsync("/fs/tmp/out/etc/shadow"));
        await Assert.ThrowsAnyAsync<Exception>(() => agent.ReadAsync("/fs/../../etc/shadow"));
        await Assert.ThrowsAnyAsync<Exception>(() => agent.ReadAsync("/fs/etc/shadow"));
    }

    private static Cell Launch(CellFixture cells) =>
        cells.Launch(spec => spec with { UserMap = UserNamespaceMap.Of(First, Nobody, Nobody) });
}
