using System.Text;
using Pewter.Linux.Cgroups;
using Pewter.Linux.Files;
using Pewter.Linux.Pipes;
using Pewter.Linux.Polling;
using Pewter.Linux.Processes;
using Pewter.Linux.Ptys;
using Pewter.Linux.Spawning;
using Pewter.Linux.Tracing;
using Pewter.Linux.Users;

namespace Pewter.Linux.Tests;

public sealed class CapabilityTests
{
    [Fact]
    public void A_process_born_in_a_cgroup_is_limited_killed_and_leaves_nothing()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "skipped, because it needs root");
        var group = Cgroup.Create(CgroupHierarchies.Read(), $"pw-{Environment.ProcessId}-limits", new CgroupLimits { Processes = 5 });
        var (output, _) = Shell.Run(
            "exec 3>&1; for i in 1 2 3 4 5 6 7 8; do sleep 60 >/dev/null 2>&1 3>&- & done; echo done",
            o => o with { UnifiedCgroup = group.UnifiedHandle, JoinCgroups = group.Joins });
        Assert.Contains("fork", output);
        Assert.InRange(group.Members().Count, 1, 5);
        Assert.True(group.KillAll());
        group.Dispose();
        Assert.True(group.Delete());
        Assert.DoesNotContain(group.Directories, Directory.Exists);
    }

    [Fact]
    public void Out_of_memory_kills_are_counted()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "skipped, because it needs root");
        var hierarchies = CgroupHierarchies.Read();
        Assert.SkipUnless(hierarchies.Has("memory"), "skipped, because no memory cgroups are mounted");
        var group = Cgroup.Create(hierarchies, $"pw-{Environment.ProcessId}-oom", new CgroupLimits { MemoryBytes = 16 << 20 });
        var (_, status) = Shell.Run(
            ["/usr/bin/tail", "/dev/zero"], o => o with { UnifiedCgroup = group.UnifiedHandle, JoinCgroups = group.Joins });
        Assert.Equal(9, status.Signal);
        Assert.Equal(1, group.OutOfMemoryKills());
        group.Dispose();
        Assert.True(group.Delete());
    }

    [Fact]
    public void Mounts_of_both_versions_are_understood()
    {
        var hierarchies = CgroupHierarchies.Parse(
        [
            "cgroup /sys/fs/cgroup/cpu,cpuacct cgroup rw,nosuid,cpu,cpuacct 0 0",
            "cgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0",
            "tmpfs /tmp tmpfs rw 0 0",
        ]);
        Assert.Equal("/sys/fs/cgroup/cpu,cpuacct", hierarchies.Version1["cpuacct"]);
        Assert.Equal("/sys/fs/cgroup/unified", hierarchies.Unified);
    }

    [Fact]
    public void A_terminal_echoes_and_turns_control_C_into_a_signal()
    {
        using var terminal = PseudoTerminal.Open();
        var number = terminal.Terminal.Number();
        var child = ProcessSpawner.Spawn(new SpawnOptions
        {
            Path = "/bin/sh",
            Arguments = ["sh", "-c", "echo ready; exec sleep 60"],
            Environment = ["PATH=/bin:/usr/bin"],
            NewSession = true,
            ControllingTerminal = true,
            Descriptors = [new(number, 0), new(number, 1), new(number, 2)],
        });
        Span<byte> buffer = stackalloc byte[64];
        var count = Descriptors.Read(terminal.Controller.Number(), buffer);
        Assert.Equal("ready\r\n", Encoding.UTF8.GetString(buffer[..count]));
        Descriptors.Write(terminal.Controller.Number(), "\u0003"u8);
        Assert.Equal(2, ProcessWait.Wait(child.Pidfd).Signal);
        child.Pidfd.Dispose();
    }

    [Fact]
    public void A_pidfd_becomes_readable_when_its_process_ends()
    {
        var child = ProcessSpawner.Spawn(new SpawnOptions { Path = "/bin/sleep", Arguments = ["sleep", "60"] });
        using var epoll = new Epoll();
        epoll.Add(child.Pidfd.Number(), EpollEvents.Input, 42);
        Span<EpollEvent> events = new EpollEvent[4];
        Assert.Equal(0, epoll.Wait(events, TimeSpan.Zero));
        Assert.Null(ProcessWait.TryWait(child.Pidfd.Number()));
        Assert.True(child.Pidfd.Signal(15));
        Assert.Equal(1, epoll.Wait(events, TimeSpan.FromSeconds(5)));
        Assert.Equal(42UL, events[0].Tag);
        Assert.Equal(15, ProcessWait.TryWait(child.Pidfd.Number())!.Value.Signal);
        Assert.False(child.Pidfd.Signal(15));
        child.Pidfd.Dispose();
    }

    [Fact]
    public void Registers_and_stack_of_a_running_process_can_be_read_and_it_goes_on()
    {
        var child = ProcessSpawner.Spawn(new SpawnOptions { Path = "/bin/sleep", Arguments = ["sleep", "60"] });
        var (registers, frames) = ProcessTrace.Inspect(child.Id, trace => (trace.ReadRegisters(), trace.WalkStack()));
        Assert.NotEqual(0UL, registers.StackPointer);
        Assert.Equal(registers.InstructionPointer, frames[0]);
        Assert.Equal('S', ProcessStat.Read(child.Id)!.Value.State);
        child.Pidfd.Signal(9);
        ProcessWait.Wait(child.Pidfd);
        child.Pidfd.Dispose();
    }

    [Theory]
    [InlineData("../etc/passwd")]
    [InlineData("/etc/passwd")]
    [InlineData("inside/../../etc/passwd")]
    [InlineData("absolute")]
    [InlineData("inside/up")]
    public void No_path_leaves_its_directory(string path)
    {
        var root = Directory.CreateTempSubdirectory("pw-beneath").FullName;
        try
        {
            Directory.CreateDirectory($"{root}/inside");
            File.CreateSymbolicLink($"{root}/absolute", "/etc/passwd");
            File.CreateSymbolicLink($"{root}/inside/up", "../../../../../etc/passwd");
            using var beneath = new BeneathDirectory(root);
            Assert.Throws<LinuxException>(() => beneath.Open(path, 0));
            Assert.Throws<LinuxException>(() => beneath.Open(path, 0, followLinks: true));
        }
        finally
        {
            Directory.Delete(root, true);
        }
    }

    [Fact]
    public void Splice_moves_bytes_between_pipes()
    {
        var (reader1, writer1) = AnonymousPipe.Create();
        var (reader2, writer2) = AnonymousPipe.Create();
        Descriptors.Write(writer1, "abc"u8);
        Assert.Equal(3, Splice.Transfer(reader1, writer2, 4096));
        Span<byte> buffer = stackalloc byte[8];
        Assert.Equal(3, Descriptors.Read(reader2, buffer));
        Assert.Equal(-LinuxErrno.EAGAIN, Splice.Transfer(reader1, writer2, 4096, wait: false));
        foreach (var end in (ReadOnlySpan<int>)[reader1, writer1, reader2, writer2])
        {
            Descriptors.Close(end);
        }
    }

    [Theory]
    [InlineData("TERM", 15)]
    [InlineData("SIGKILL", 9)]
    [InlineData("usr1", 10)]
    [InlineData("34", 34)]
    [InlineData("NONSENSE", null)]
    [InlineData("65", null)]
    public void Signals_are_known_by_name_and_number(string text, int? number) => Assert.Equal(number, SignalNames.Parse(text));

    [Fact]
    public void A_process_name_with_spaces_and_parentheses_is_read_whole()
    {
        var stat = ProcessStat.Parse("7 (a) (b c) S 1 2 3 0 -1 4194560 1 2 3 4 50 60 0 0 20 0 1 0 12345 4096 99 18446744073709551615");
        Assert.Equal("a) (b c", stat.Name);
        Assert.Equal((12345L, 50L, 60L, 99L), (stat.StartTicks, stat.UserTicks, stat.SystemTicks, stat.ResidentPages));
    }

    [Fact]
    public void Root_is_in_the_user_database() => Assert.Equal(0U, UserDatabase.Find("root")!.Id);
}
