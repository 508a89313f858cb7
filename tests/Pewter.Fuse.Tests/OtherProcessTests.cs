using System.Diagnostics;
using Pewter.Linux.Fuse;
using Pewter.Linux.Mounts;
using Pewter.Testing;

namespace Pewter.Fuse.Tests;

/// <summary>Mounts whose server is another process: of another user, or killed.</summary>
public sealed class OtherProcessTests
{
    private const uint Nobody = 65534;

    [Fact]
    public async Task A_user_mounts_without_being_root_and_the_mount_is_his_alone()
    {
        using var home = new TemporaryDirectory();
        using var server = await StartAsync(home, Nobody);
        var his = await Shell.RunAsync(
            $"cd {home["m"]}; cat status; ls -l | wc -l; echo hi > ctl; timeout 1 cat events; timeout 3 tail -f events", Nobody);
        Assert.Equal(("/ state=ready\n4\nfirst\nfirst\n", ""), (his.Output, his.Errors));
        var roots = await Shell.RunAsync($"cat {home["m"]}/status");
        Assert.Contains("Permission denied", roots.Errors);
        server.StandardInput.Close();
        await server.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(10));
        Assert.False(IsMounted(home));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(Nobody)]
    public async Task A_killed_server_leaves_no_mount(uint? user)
    {
        using var home = new TemporaryDirectory();
        using var server = await StartAsync(home, user);
        Assert.True(IsMounted(home));
        server.Kill();
        await server.WaitForExitAsync();
        await Until.TrueAsync(() => !IsMounted(home), "the helper unmounts");
    }

    [Fact]
    public async Task A_refused_mount_says_why()
    {
        using var home = new TemporaryDirectory();
        using var server = Start(home["missing"], Nobody);
        Assert.Contains("missing", await server.StandardError.ReadToEndAsync());
        await server.WaitForExitAsync();
        Assert.Equal(1, server.ExitCode);
    }

    private static bool IsMounted(TemporaryDirectory home) => MountPoints.IsMountedOn(home["m"], FuseDeviceOptions.FileSystemType);

    private static async Task<Process> StartAsync(TemporaryDirectory home, uint? user)
    {
        Directory.CreateDirectory(home["m"]);
        await Shell.RunAsync($"chmod 755 {home.Path}; chown {user ?? 0} {home["m"]}");
        var server = Start(home["m"], user);
        var line = await server.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(20));
        Assert.True(line == "mounted", line ?? await server.StandardError.ReadToEndAsync());
        return server;
    }

    private static Process Start(string path, uint? user)
    {
        if (!Environment.IsPrivilegedProcess || !File.Exists("/dev/fuse") || !File.Exists("/usr/bin/fusermount3"))
            Assert.Skip("skipped, because it needs root, /dev/fuse and the package fuse3");
        var program = Path.Combine(AppContext.BaseDirectory, "Pewter.Fuse.Mounter");
        return Shell.Start($"exec {program} {path}", user);
    }
}
