using System.Diagnostics;
using Pewter.Linux.Confinement;
using Pewter.Linux.Namespaces;
using Pewter.Linux.Processes;
using Pewter.Linux.Spawning;

namespace Pewter.Linux.Tests;

public sealed class SpawnTests
{
    [Fact]
    public void Output_exit_code_and_usage_come_back()
    {
        var (output, status) = Shell.Run("echo hello; exit 7");
        Assert.Equal("hello\n", output);
        Assert.Equal(7, status.ExitCode);
        Assert.InRange(status.Usage.PeakMemoryBytes, 100_000, 100_000_000);
    }

    [Fact]
    public void A_killing_signal_is_told_apart_from_an_exit()
    {
        var (_, status) = Shell.Run("kill -SEGV $$");
        Assert.Null(status.ExitCode);
        Assert.Equal(11, status.Signal);
    }

    [Fact]
    public void Signals_that_the_runtime_ignores_are_default_in_the_child()
    {
        var (output, _) = Shell.Run("grep -E 'Sig(Ign|Blk)' /proc/self/status");
        Assert.Equal("SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n", output);
    }

    [Fact]
    public void A_missing_program_says_so()
    {
        var failure = Assert.Throws<LinuxException>(() => Shell.Run(["/no/such/program"]));
        Assert.Equal(LinuxErrno.ENOENT, failure.Errno);
        Assert.Contains("there is no such program", failure.Message);
    }

    [Theory]
    [InlineData("#!/no/such/interpreter -x\n", 0b111_101_101, LinuxErrno.ENOENT, "its interpreter /no/such/interpreter is missing")]
    [InlineData("#!/bin/sh\n", 0b110_100_100, LinuxErrno.EACCES, "is not executable")]
    [InlineData("not a program\n", 0b111_101_101, LinuxErrno.ENOEXEC, "neither an ELF program nor a script")]
    public void A_file_that_cannot_run_says_why(string content, int mode, int errno, string sentence)
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, content);
            File.SetUnixFileMode(path, (UnixFileMode)mode);
            var failure = Assert.Throws<LinuxException>(() => Shell.Run([path]));
            Assert.Equal(errno, failure.Errno);
            Assert.Contains(sentence, failure.Message);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void A_missing_directory_is_told_apart_from_a_missing_program()
    {
        var failure = Assert.Throws<LinuxException>(() => Shell.Run("true", o => o with { WorkingDirectory = "/no/such/place" }));
        Assert.Contains("change to directory /no/such/place", failure.Message);
    }

    [Fact]
    public void Every_option_before_exec_takes_effect()
    {
        RequireRoot();
        var (output, _) = Shell.Run(
            "pwd; nice; ulimit -n; id -u; id -g; id -G; [ $(ps -o sid= -p $$) = $$ ] && echo leader; cat /proc/self/fd/5",
            o => o with
            {
                WorkingDirectory = "/usr",
                Nice = 3,
                Limits = [new ResourceLimit(ResourceKind.OpenFiles, 77, 77)],
                Identity = new SpawnIdentity(65534, 65533, [7, 8]),
                NewSession = true,
                Descriptors = [.. o.Descriptors, new DescriptorMapping(Descriptors.Open("/etc/hostname", 0), 5)],
            });
        Assert.StartsWith("/usr\n3\n77\n65534\n65533\n65533 7 8\nleader\n", output);
    }

    [Fact]
    public void No_other_descriptor_reaches_the_child()
    {
        using var leaky = Descriptors.Own(Descriptors.Open("/etc/hostname", 0));
        var copy = LeakyDuplicate(leaky.Number());
        var (output, _) = Shell.Run("ls /proc/self/fd");
        Descriptors.Close(copy);

        // 0 is the test's own and 3 is the directory that ls reads.
        Assert.Equal("0\n1\n2\n3\n", output);
    }

    [Fact]
    public void A_filter_denies_mounts_and_namespaces_and_lets_the_rest_run()
    {
        RequireRoot();
        var (output, status) = Shell.Run(
            "mount -t tmpfs none /mnt 2>&1 | grep -c denied; unshare -n true 2>&1 | grep -c permitted; echo ok; grep NoNewPrivs /proc/self/status",
            o => o with { NoNewPrivileges = true, Filter = SeccompFilter.Default });
        Assert.Equal("1\n1\nok\nNoNewPrivs:\t1\n", output.Replace("not permitted", "permitted"));
        Assert.Equal(0, status.ExitCode);
    }

    [Fact]
    public void Dropped_capabilities_are_gone_for_root()
    {
        RequireRoot();
        var (output, _) = Shell.Run("grep CapEff /proc/self/status", o => o with { KeepCapabilities = CapabilitySet.Confined });
        Assert.Equal($"CapEff:\t{CapabilitySet.Confined.Bits:x16}\n", output);
    }

    [Fact]
    public void New_namespaces_make_process_1()
    {
        RequireRoot();
        var (output, _) = Shell.Run(
            "echo $$; hostname cell; hostname; ls /sys/class/net | wc -l",
            o => o with { NewNamespaces = NamespaceKinds.Process | NamespaceKinds.Uts | NamespaceKinds.Network | NamespaceKinds.Mount });
        Assert.StartsWith("1\ncell\n", output);
        Assert.NotEqual("cell", Environment.MachineName);
    }

    [Fact]
    public void A_user_namespace_maps_root_to_a_stranger()
    {
        RequireRoot();
        var (output, _) = Shell.Run(
            "id -u; cat /proc/self/uid_map | tr -s ' '",
            o => o with { NewNamespaces = NamespaceKinds.User, UserMap = new UserNamespaceMap("0 100000 1000", "0 100000 1000") });
        Assert.Equal("0\n 0 100000 1000\n", output);
    }

    [Fact]
    public void A_refused_user_map_leaves_no_child()
    {
        RequireRoot();
        var failure = Assert.Throws<LinuxException>(() => Shell.Run(
            "true", o => o with { NewNamespaces = NamespaceKinds.User, UserMap = new UserNamespaceMap("nonsense", "0 0 1") }));
        Assert.Contains("map the identifiers", failure.Message);
    }

    [Fact]
    public async Task Many_threads_spawn_at_once_and_every_child_is_reaped_once()
    {
        var tasks = Enumerable.Range(0, 8).Select(worker => Task.Run(() =>
        {
            for (var i = 0; i < 25; i++)
            {
                var (output, status) = Shell.Run($"echo {worker}.{i}; exit {i}");
                Assert.Equal($"{worker}.{i}\n", output);
                Assert.Equal(i, status.ExitCode);
            }
        }));
        await Task.WhenAll(tasks);
    }

    [Fact]
    public void The_stub_is_what_its_source_assembles_to()
    {
        var source = Path.Combine(SourceRoot(), "src/Pewter.Linux/Spawning/SpawnStub.S");
        var target = Path.GetTempFileName();
        try
        {
            using var assembler = Process.Start("sh", ["-c", $"as -o {target} {source} && objcopy -O binary -j .text {target} {target}.bin"]);
            assembler.WaitForExit();
            Assert.SkipWhen(assembler.ExitCode == 127, "skipped, because there is no assembler");
            Assert.Equal(File.ReadAllBytes($"{target}.bin"), SpawnStub.Code.ToArray());
        }
        finally
        {
            File.Delete(target);
            File.Delete($"{target}.bin");
        }
    }

    [System.Runtime.InteropServices.DllImport("libc", EntryPoint = "dup")]
    private static extern int LeakyDuplicate(int descriptor);

    private static string SourceRoot()
    {
        var directory = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(directory, "Pewter.slnx")))
        {
            directory = Path.GetDirectoryName(directory)!;
        }

        return directory;
    }

    private static void RequireRoot() => Assert.SkipUnless(Environment.IsPrivilegedProcess, "skipped, because it needs root");
}
