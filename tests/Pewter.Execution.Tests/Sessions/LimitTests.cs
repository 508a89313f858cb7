using Pewter.NineP;
using static Pewter.Execution.Tests.Sessions.ExecutionHouse;

namespace Pewter.Execution.Tests.Sessions;

public sealed class LimitTests
{
    [Fact]
    public async Task Where_memory_is_limited_each_process_says_what_it_needs_and_the_sum_counts()
    {
        await using var nodes = await AgentNodes.StartAsync(2);
        await using var house = await StartAsync(nodes.All, limits: new ExecutionLimits { MemoryPerUser = 1 << 30 });

        var silent = await Assert.ThrowsAsync<FileException>(async () => await house.SessionAsync("res 1"));
        Assert.Equal(Errno.EDQUOT, silent.Errno);
        Assert.Contains("MemoryPerUser", silent.Message);
        await house.SessionAsync("limit mem=256Mi", "res 3");
        var full = await Assert.ThrowsAsync<FileException>(async () => await house.SessionAsync("limit mem=256Mi", "res 2"));
        Assert.Contains("805306368 bytes", full.Message);
        Assert.Contains("MemoryPerUser", full.Message);
        await house.SessionAsync("limit mem=256Mi", "res 1");
    }

    [Fact]
    public async Task Too_many_processes_and_sessions_are_refused_by_name()
    {
        await using var nodes = await AgentNodes.StartAsync(1);
        await using var house = await StartAsync(nodes.All,
            limits: new ExecutionLimits { ProcessesPerUser = 4, ProcessesPerSession = 3, SessionsPerUser = 3 });
        await house.SessionAsync("res 3");
        Assert.Contains("ProcessesPerSession", (await Assert.ThrowsAsync<FileException>(async () => await house.SessionAsync("res 4"))).Message);
        Assert.Contains("ProcessesPerUser", (await Assert.ThrowsAsync<FileException>(async () => await house.SessionAsync("res 2"))).Message);
        Assert.Contains("SessionsPerUser", (await Assert.ThrowsAsync<FileException>(async () => await house.SessionAsync("res 1"))).Message);
    }

    [Fact]
    public async Task What_is_near_another_session_goes_where_that_is()
    {
        await using var nodes = await AgentNodes.StartAsync(3);
        await using var house = await StartAsync(nodes.All);
        var data = await house.SessionAsync("res 1 id=n3");
        var near = await house.SessionAsync($"near {data}", "res 2");
        Assert.All(
            (await house.Admin.ReadTextAsync(near + "/topology", Token)).Split('\n', StringSplitOptions.RemoveEmptyEntries),
            line => Assert.Contains(" /node/n3 ", line));
        var named = await house.SessionAsync("near /node/n2", "res 1");
        Assert.Contains(" /node/n2 ", await house.Admin.ReadTextAsync(named + "/topology", Token));
    }

    [Fact]
    public async Task What_a_process_uses_is_a_line_of_its_session()
    {
        await using var nodes = await AgentNodes.StartAsync(2);
        await using var house = await StartAsync(nodes.All);
        var session = await house.SessionAsync("res 2", Shell("while :; do :; done"));
        var lines = "";
        while (!lines.Contains("\"cpu_ms\":1", StringComparison.Ordinal))
        {
            lines = await house.Admin.ReadTextAsync(session + "/usage", Token);
        }

        Assert.StartsWith("{\"index\":0,\"node\":\"/node/n1\",\"cpu_ms\":", lines);
        Assert.Equal(2, lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        await house.Admin.CommandAsync(session + "/ctl", ["kill"], Token);
        await house.Admin.ReadTextAsync(session + "/wait", Token);
        Assert.Equal("", await house.Admin.ReadTextAsync(session + "/usage", Token));
    }
}
