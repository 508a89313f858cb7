using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Pewter.NineP;
using Pewter.Testing;
using Pewter.Testing.Blocks;

namespace Pewter.Disks.Tests;

public sealed class DaemonTests
{
    [Fact]
    public async Task Disks_are_made_cloned_snapshot_and_released_through_files()
    {
        await using var daemon = new Daemon();
        await daemon.StartAsync();
        string disk = await daemon.CommandAsync("disk/ctl", "create 64Mi name=base");
        Assert.Equal(daemon.Uri(disk) + "\n", await daemon.ReadAsync($"disk/{disk}/nbd"));
        string layer = await daemon.CommandAsync($"disk/{disk}/ctl", "snapshot golden");
        string[] clones = (await daemon.CommandAsync("disk/ctl", "clone golden count=32 name=web")).Split(' ');
        Assert.Equal(32, clones.Length);
        Assert.Contains("state=served", await daemon.ReadAsync($"disk/{clones[7]}/status"));
        FileException refused = await Assert.ThrowsAsync<FileException>(() => daemon.CommandAsync($"layer/{layer}/ctl", "remove"));
        Assert.Equal(Errno.EBUSY, refused.Errno);
        await daemon.CommandAsync($"disk/{clones[0]}/ctl", "release");
        await Assert.ThrowsAsync<FileException>(() => daemon.ReadAsync($"disk/{clones[0]}/status"));
        await daemon.CommandAsync($"disk/{clones[1]}/ctl", "allow-network 10.0.0.0/24");
        await daemon.CommandAsync($"disk/{clones[1]}/ctl", "allow-initiator iqn.2026-11.org.x:a user secretsecret1");
        string ctl = $"disk/{clones[1]}/ctl";
        FileException weak = await Assert.ThrowsAsync<FileException>(() => daemon.CommandAsync(ctl, "allow-initiator iqn.2026-11.org.x:b user short"));
        Assert.Equal(Errno.EINVAL, weak.Errno);
        await daemon.StopAsync();
        await daemon.StartAsync();
        Assert.Contains("state=served", await daemon.ReadAsync($"disk/{clones[1]}/status"));
        Assert.Contains(clones[1], await daemon.ReadAsync($"layer/{layer}/dependants"));
    }

    [Fact]
    public async Task Over_TCP_a_disk_is_for_the_certificates_that_it_lists_and_nobody_comes_without_TLS()
    {
        if (!File.Exists("/usr/bin/nbdinfo"))
            Assert.Skip("skipped, because it needs the package libnbd-bin");
        using var authority = new TestAuthority();
        await using var daemon = new Daemon();
        int port = FreePort();
        await daemon.StartAsync("--nbd", $"127.0.0.1:{port}", "--nbd-tls", authority.ServerFolder());
        string disk = await daemon.CommandAsync("disk/ctl", "create 64Mi");
        await daemon.CommandAsync($"disk/{disk}/ctl", "allow-certificate lab");
        string uri = $"nbds://127.0.0.1:{port}/{disk}?tls-certificates=";
        var lab = await Shell.RunAsync($"nbdinfo --size '{uri}{authority.ClientFolder("lab")}'");
        Assert.Equal(("67108864\n", ""), (lab.Output, lab.Errors));
        Assert.NotEqual(0, (await Shell.RunAsync($"nbdinfo '{uri}{authority.ClientFolder("other")}'")).ExitCode);
        Assert.NotEqual(0, (await Shell.RunAsync($"nbdinfo nbd://127.0.0.1:{port}/{disk}")).ExitCode);
    }

    [Fact]
    public async Task No_acknowledged_write_is_lost_when_the_daemon_is_killed()
    {
        await using var daemon = new Daemon();
        await daemon.StartAsync();
        string first = await daemon.CommandAsync("disk/ctl", "create 64Mi");
        await daemon.CommandAsync($"disk/{first}/ctl", "snapshot golden");
        string disk = await daemon.CommandAsync("disk/ctl", "clone golden");
        var random = new Random(1);
        var versions = new int[4000];
        var attempted = new int[4000];
        int rounds = Environment.GetEnvironmentVariable("PEWTER_SOAK") == "full" ? 100 : 4;
        for (int round = 0; round < rounds; round++)
        {
            using (var writer = new NbdWriter(daemon.NbdSocket, disk))
            {
                Task writing = Task.Run(() => writer.WriteUntilGone(versions, attempted, random));
                await Task.Delay(random.Next(50, 400));
                if (round % 2 == 1)
                    await daemon.CommandAsync($"disk/{disk}/ctl", "snapshot");
                await daemon.KillAsync();
                await writing;
            }

            await daemon.StartAsync();
            using var reader = new NbdWriter(daemon.NbdSocket, disk);
            for (int block = 0; block < versions.Length; block++)
            {
                int version = reader.ReadVersion(block);
                Assert.True(
                    version == versions[block] || version == attempted[block],
                    $"round {round}: block {block} holds {version}, {versions[block]} was acknowledged and {attempted[block]} was on its way");
                versions[block] = attempted[block] = version;
            }

            await daemon.CommandAsync($"disk/{disk}/ctl", "verify");
        }

        Assert.True(versions.Max() > 10);
    }

    [Fact]
    public async Task Fio_that_flushes_finds_its_data_after_a_kill()
    {
        if (!File.Exists("/usr/bin/fio"))
            Assert.Skip("skipped, because fio is not installed");
        await using var daemon = new Daemon();
        await daemon.StartAsync();
        string disk = await daemon.CommandAsync("disk/ctl", "create 64Mi");
        string[] job =
        [
            "--name=kill", "--ioengine=nbd", $"--uri={daemon.Uri(disk)}", "--rw=randwrite", "--bs=4k", "--size=16m", "--verify=pattern",
            "--verify_pattern=%o", "--fsync=32", "--iodepth=8", "--randseed=7", "--verify_fatal=1",
        ];
        Assert.Equal(0, await RunAsync("fio", [.. job, "--do_verify=0"]));
        using Process more = Process.Start(new ProcessStartInfo("fio", [.. job, "--do_verify=0", "--time_based", "--runtime=20"])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        await Task.Delay(500);
        await daemon.KillAsync();
        more.Kill();
        await more.WaitForExitAsync();
        await daemon.StartAsync();

        // Every block was written before the kill, and again while it happened: each holds its offset throughout.
        string[] check = [.. job[..3], "--rw=read", "--bs=4k", "--size=16m", "--iodepth=8", .. job[6..8], "--verify_fatal=1"];
        Assert.Equal(0, await RunAsync("fio", check));
    }

    private static async Task<int> RunAsync(string program, string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        string output = await process.StandardOutput.ReadToEndAsync() + await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            TestContext.Current.TestOutputHelper?.WriteLine(output);
        return process.ExitCode;
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
