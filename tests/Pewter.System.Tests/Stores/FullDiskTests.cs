namespace Pewter.System.Tests.Stores;

/// <summary>A whole daemon whose state is on a disk of a few megabytes.</summary>
public sealed class FullDiskTests
{
    [Fact]
    public async Task A_full_disk_is_an_error_to_the_writer_and_costs_nothing_that_was_acknowledged()
    {
        if (!Environment.IsPrivilegedProcess)
        {
            Assert.Skip("skipped, because only root can mount a small disk");
        }

        var system = new PewterSystem();
        Directory.CreateDirectory(system.State);
        var mounted = await system.ShellAsync($"mount -t tmpfs -o size=6m,mode=755 {Path.GetFileName(system.State)} {system.State}");
        Assert.True(mounted.ExitCode == 0, mounted.Error);
        try
        {
            await FillAsync(system);
        }
        finally
        {
            await system.RunAsync("down");
            await system.RunAsync("clean");
            await system.ShellAsync($"umount -l {system.State}");
            Directory.Delete(system.State);
        }
    }

    private static async Task FillAsync(PewterSystem system)
    {
        Assert.Equal(0, (await system.RunAsync("up", "--detach")).ExitCode);
        Assert.Equal(0, (await system.RunAsync("write", "/ctl", "note", "before")).ExitCode);
        await system.ShellAsync($"head -c 20M /dev/zero > {system.State}/ballast");
        for (var i = 0; i < 3; i++)
        {
            var refused = await system.RunAsync("write", "/ctl", "note", "refused");
            Assert.Equal(1, refused.ExitCode);
            Assert.Contains("Make room and try again", refused.Error, StringComparison.Ordinal);
        }

        Assert.Contains("ENOSPC", (await system.RunAsync("token", "create", "lab")).Error, StringComparison.Ordinal);
        Assert.Equal(0, (await system.RunAsync("status")).ExitCode);

        File.Delete(Path.Combine(system.State, "ballast"));
        Assert.Equal(0, (await system.RunAsync("write", "/ctl", "note", "after")).ExitCode);
        await system.KillAsync();
        Assert.Equal(0, (await system.RunAsync("up", "--detach")).ExitCode);
        var events = (await system.RunAsync("events", "-o", "json")).Output;
        Assert.Contains("\"text\":\"before\"", events, StringComparison.Ordinal);
        Assert.Contains("\"text\":\"after\"", events, StringComparison.Ordinal);
        Assert.DoesNotContain("refused", events, StringComparison.Ordinal);
        Assert.DoesNotContain("lab", (await system.RunAsync("token", "list")).Output, StringComparison.Ordinal);
    }
}
