using Pewter.Linux.Fuse;
using Pewter.Linux.Mounts;
using Pewter.NineP.Serving;
using Pewter.Testing;
using Pewter.Testing.Serving;

namespace Pewter.Fuse.Tests;

/// <summary>How a mount begins and ends.</summary>
public sealed class MountTests
{
    [Fact]
    public async Task Disposal_unmounts_under_blocked_readers_and_a_shell_inside()
    {
        var tree = await MountedTree.StartAsync();
        using var inside = Shell.Start($"cd {tree.Path}/node; cat ../events; echo $?; ls; echo $?; exec sleep 60");
        await Until.TrueAsync(() => tree.Events.Waiting == 1, "the reader blocks");
        var path = tree.Path;
        await tree.Mount.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(10));
        Assert.DoesNotContain(path, MountPoints.OfType(FuseDeviceOptions.FileSystemType));
        Assert.Equal(0, tree.Events.Opens);
        Assert.NotEqual("0", await inside.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(10)));
        Assert.NotEqual("0", await inside.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(10)));
        inside.Kill(entireProcessTree: true);
        await inside.WaitForExitAsync();
        await tree.DisposeAsync();
    }

    [Fact]
    public async Task An_umount_by_somebody_ends_the_mount()
    {
        await using var tree = await MountedTree.StartAsync();
        var result = await Shell.RunAsync($"umount {tree.Path}");
        Assert.Equal((0, ""), (result.ExitCode, result.Errors));
        await tree.Mount.Completion.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Fusermount_unmounts()
    {
        await using var tree = await MountedTree.StartAsync(unmountWhenKilled: true);
        var result = await Shell.RunAsync($"fusermount3 -u {tree.Path}");
        Assert.Equal((0, ""), (result.ExitCode, result.Errors));
        await tree.Mount.Completion.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Mounting_on_nothing_is_refused_with_a_sentence()
    {
        if (!Environment.IsPrivilegedProcess || !File.Exists("/dev/fuse"))
            Assert.Skip("skipped, because it mounts as root");
        var options = new FuseMountOptions { CallerOf = (_, _) => Caller.System };
        var failure = await Assert.ThrowsAsync<IOException>(
            () => FuseMount.MountAsync("/nonexistent/pw", new MemoryDirectory(), options));
        Assert.Contains("mounting on /nonexistent/pw: No such file or directory", failure.Message);
    }

    [Fact]
    public async Task A_dead_mount_is_replaced_by_the_next_on_its_directory()
    {
        using var home = new TemporaryDirectory();
        if (!Environment.IsPrivilegedProcess || !File.Exists("/dev/fuse"))
            Assert.Skip("skipped, because it mounts as root");
        // As left by a server that was killed together with its watcher.
        await Shell.RunAsync(
            $"exec 3<>/dev/fuse; mount -i -t fuse.pewter -o fd=3,rootmode=40000,user_id=0,group_id=0 pewter {home.Path}");
        if (!FuseMount.LeftOvers().Contains(home.Path))
            Assert.Skip("skipped, because mount(8) of this machine does not mount a descriptor");
        await using (await FuseMount.MountAsync(home.Path, new MemoryDirectory(), new FuseMountOptions { CallerOf = (_, _) => Caller.System }))
            Assert.DoesNotContain(home.Path, FuseMount.LeftOvers());
    }

    [Fact]
    public async Task Disposing_a_mount_that_has_ended_touches_no_other()
    {
        await using var first = await MountedTree.StartAsync();
        await Shell.RunAsync($"umount {first.Path}");
        await first.Mount.Completion.WaitAsync(TimeSpan.FromSeconds(10));
        // It takes the numbers of the descriptors that the first has closed.
        await using var second = await MountedTree.StartAsync();
        await first.Mount.DisposeAsync();
        await first.Mount.DisposeAsync();
        for (var i = 0; i < 5; i++)
            Assert.Equal("/ state=ready\n", (await second.RunAsync("cat status")).Output);
    }

    [Fact]
    public async Task Remounting_the_same_directory_many_times_leaves_nothing()
    {
        using var home = new TemporaryDirectory();
        for (var i = 0; i < 20; i++)
        {
            await using var tree = await MountedTree.StartAsync(unmountWhenKilled: true);
            var result = await tree.RunAsync("cat status");
            Assert.Equal(("/ state=ready\n", ""), (result.Output, result.Errors));
        }

        Assert.Empty(FuseMount.LeftOvers());
    }
}
