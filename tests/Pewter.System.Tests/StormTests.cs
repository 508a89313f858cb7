namespace Pewter.System.Tests;

public sealed class StormTests
{
    [Fact]
    public async Task Many_processes_on_several_cells_end_by_one_write_of_kill()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "skipped, because cells need root");
        Assert.SkipWhen(Programs.Agent is null, "skipped, because the agent is not built; 'eng/build.sh pewter-node' builds it");
        var count = Environment.GetEnvironmentVariable("PEWTER_SOAK") == "full" ? 5000 : 200;
        await using var system = await PewterSystem.UpAsync();
        Assert.Equal(0, (await system.RunAsync("node", "alloc", "-n", "4", "--pids", $"{count}", "-q")).ExitCode);
        var spawned = await system.RunAsync("spawn", "-n", $"{count}", "--on", "kind=cell", "--job", "storm", "--", "sleep", "600");
        Assert.True(spawned.ExitCode == 0, spawned.Error);
        var id = spawned.Output.Trim();
        Assert.Contains($"processes={count}", (await system.RunAsync("cat", $"/proc/{id}/status")).Output);
        Assert.Equal(0, (await system.RunAsync("write", "-q", "/proc/query/job=storm/ctl", "kill")).ExitCode);
        var wait = await system.RunAsync("cat", $"/proc/{id}/wait");
        Assert.Contains("shell_code=137", wait.Output);
        Assert.Contains($"failed={count}", wait.Output);
        Assert.Equal(0, (await system.RunAsync("node", "release", "-q", "kind=cell")).ExitCode);
    }
}
