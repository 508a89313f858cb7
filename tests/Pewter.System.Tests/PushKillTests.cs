using System.Security.Cryptography;

namespace Pewter.System.Tests;

/// <summary>Files that were pushed outlive a killed daemon, and one that was on its way is pushed again.</summary>
public sealed class PushKillTests
{
    [Fact]
    public async Task What_was_pushed_is_there_after_a_kill_and_what_was_on_its_way_can_be_pushed_again()
    {
        Programs.RequireCells();
        await using var system = new PewterSystem();
        Directory.CreateDirectory(system.State);
        var (small, large) = (Path.Combine(system.State, "small"), Path.Combine(system.State, "large"));
        await File.WriteAllBytesAsync(small, RandomNumberGenerator.GetBytes(1_000_000));
        await File.WriteAllBytesAsync(large, RandomNumberGenerator.GetBytes(150_000_000));

        var (daemon, _) = await system.StartDaemonAsync();
        Assert.Equal(0, (await system.RunAsync("push", small)).ExitCode);
        using (var push = system.Start(Programs.Pewter, ["push", large]))
        {
            while (Directory.GetFiles(Path.Combine(system.State, "blob/incoming")).Sum(file => new FileInfo(file).Length) == 0 && !push.HasExited)
            {
                await Task.Delay(1);
            }

            daemon.Kill();
            await push.WaitForExitAsync();
            Assert.NotEqual(0, push.ExitCode);
        }

        await daemon.WaitForExitAsync();
        (daemon, _) = await system.StartDaemonAsync();
        Assert.Contains("0 of it uploaded", (await system.RunAsync("push", small)).Error);
        Assert.Empty(Directory.GetFiles(Path.Combine(system.State, "blob/incoming")));
        var run = await system.RunAsync("run", "--push", large, "--", "sha256sum", "large");
        Assert.Equal($"{Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(large)))}  large\n", run.Output);
        daemon.Dispose();
    }
}
