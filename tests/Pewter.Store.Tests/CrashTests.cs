using System.Diagnostics;

namespace Pewter.Store.Tests;

public sealed class CrashTests
{
    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Category", "Soak")]
    public async Task After_kill_9_at_a_random_moment_everything_acknowledged_is_there_and_nothing_refused()
    {
        var random = new Random(9);
        var rounds = Soak.Rounds(slice: 12, full: 1000);
        var (acknowledged, refused, slowest) = (0, 0, TimeSpan.Zero);
        for (var round = 0; round < rounds;)
        {
            using var directory = new TemporaryDirectory();
            // A few kills on one directory, so that recovery follows recovery; a new one then, or reading it all would take the time.
            for (var i = 0; i < 10 && round < rounds; i++, round++)
            {
                await using var host = new StoreHost("directory", directory.Path);
                if (random.Next(4) > 0)
                    await host.Leads.WaitAsync(Ending);
                await Task.Delay(random.Next(300), Ending);
                await host.KillAsync();
                slowest = await VerifyAsync(directory.Path, host) is var took && took > slowest ? took : slowest;
                (acknowledged, refused) = (acknowledged + host.Acknowledged.Count, refused + host.Refused.Count);
            }
        }
        TestContext.Current.SendDiagnosticMessage($"{rounds} kills, {acknowledged} acknowledged, {refused} refused, slowest recovery {slowest}");
        Assert.True(acknowledged > rounds && refused > 0, "the hosts did not come to work");
        Assert.True(slowest < TimeSpan.FromSeconds(1), $"recovery took {slowest}");
    }

    [Fact]
    public async Task After_a_power_cut_everything_acknowledged_is_there()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "skipped, because only root can mount");
        Assert.SkipUnless(File.Exists("/usr/sbin/xfs_io"), "skipped, because the package xfsprogs is not installed");
        using var directory = new TemporaryDirectory();
        var (image, mount) = (Path.Combine(directory.Path, "image"), Path.Combine(directory.Path, "mount"));
        Directory.CreateDirectory(mount);
        await Shell.RunAsync("truncate", "-s", "128M", image);
        await Shell.RunAsync("mkfs.ext4", "-q", image);
        for (var round = 0; round < Soak.Rounds(slice: 2, full: 50); round++)
        {
            await Shell.RunAsync("mount", "-o", "loop", image, mount);
            try
            {
                await using var host = new StoreHost("directory", Path.Combine(mount, "state"));
                await host.Works.WaitAsync(Ending);
                await Task.Delay(300, Ending);
                // The file system stops at once and forgets what was not synced, as a machine without power does. The host is held for
                // that moment, because a bare loop of fdatasync shows that the kernel may call one good that is cut in its middle.
                await host.FreezeAsync();
                await Shell.RunAsync("xfs_io", "-x", "-c", "shutdown", mount);
                await host.SignalAsync("CONT");
                await host.FirstFailure.WaitAsync(TimeSpan.FromSeconds(10), Ending);
                await host.EndAsync();
                await UnmountAsync(mount, image);
                await Shell.RunAsync("mount", "-o", "loop", image, mount);
                await VerifyAsync(Path.Combine(mount, "state"), host);
            }
            finally
            {
                await UnmountAsync(mount, image);
            }
        }
    }

    // The loop device goes a moment after its mount; a mount in between would get the old one, in the middle of its end.
    private static async Task UnmountAsync(string mount, string image)
    {
        await Shell.RunAsync("umount", mount);
        for (var tries = 0; (await Shell.RunAsync("losetup", "-j", image)).Length > 0; tries++)
        {
            Assert.True(tries < 200, $"the loop device of {image} stays");
            await Task.Delay(50, CancellationToken.None);
        }
    }

    /// <summary>Opens the store, checks it against what the host said, and tells how long opening took.</summary>
    private static async Task<TimeSpan> VerifyAsync(string directory, StoreHost host)
    {
        var watch = Stopwatch.StartNew();
        await using var store = StateStore.OpenDirectory(directory);
        await store.LeadAsync(Ending);
        var took = watch.Elapsed;
        (await StoreContents.ReadAsync(store, Ending)).Verify(host);
        return took;
    }
}
