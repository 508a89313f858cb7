using System.Text.Json;

namespace Pewter.System.Tests;

/// <summary>Virtual machines as a person uses them, with the networks of the same daemon.</summary>
public sealed class VmSystemTests
{
    [Fact]
    public async Task Machines_on_a_network_reach_each_other_and_nobody_else()
    {
        var cache = Programs.RequireMachines();
        await using var system = await PewterSystem.UpAsync(("PEWTER_CACHE", cache));
        await DoAsync(system, "net", "create", "lab", "--cidr", "10.42.0.0/24");
        await DoAsync(system, "net", "create", "other", "--cidr", "10.43.0.0/24");
        await DoAsync(system, "node", "alloc", "--kind", "vm", "--net", "lab", "--name", "one", "--wait");
        var forked = await DoAsync(system, "node", "fork", "one", "-n", "2", "--name", "copy", "-o", "json");
        await DoAsync(system, "node", "alloc", "--kind", "vm", "--net", "other", "--name", "apart", "--wait");
        Assert.Equal(["ready", "ready"], forked.Nodes("state"));

        var addresses = await AddressesAsync(system);
        Assert.Equal(3, addresses.Values.Distinct().Count());
        foreach (var name in (string[])["copy-1", "copy-2"])
        {
            var ping = await system.RunAsync("run", "--on", "name=one", "--", "ping", "-c", "3", "-W", "5", addresses[name]);
            Assert.True(ping.ExitCode == 0, $"{name}: {ping.Output}{ping.Error}");
        }

        // Another network is another world.
        var silent = await system.RunAsync("run", "--on", "name=apart", "--", "ping", "-c", "2", "-W", "2", addresses["copy-2"]);
        Assert.NotEqual(0, silent.ExitCode);

        var busy = await system.RunAsync("net", "rm", "lab");
        Assert.NotEqual(0, busy.ExitCode);
        await DoAsync(system, "node", "release", "-q", "kind=vm");
        await DoAsync(system, "net", "rm", "lab");
        await DoAsync(system, "net", "rm", "other");
    }

    [Fact]
    public async Task The_main_job_runs_on_forked_machines_and_nothing_is_left()
    {
        Programs.RequirePublished();
        var cache = Programs.RequireMachines();
        var system = new PewterSystem();
        var result = await system.RunProgramAsync(
            "env", [$"PEWTER_CACHE={cache}", Programs.Pewter, "demo", "--kind", "vm", "--nodes", "3", "--points", "300000"]);
        Assert.True(result.ExitCode == 0, result.Error);
        Assert.StartsWith("π ≈ 3.1", result.Output);
        Assert.Contains("2 forks of it", result.Error);
        Assert.Contains("nothing is left", result.Error);
    }

    private static async Task<Dictionary<string, string>> AddressesAsync(PewterSystem system)
    {
        var listed = await DoAsync(system, "node", "list", "net=lab", "-o", "json");
        using var nodes = JsonDocument.Parse(listed.Output);
        return nodes.RootElement.EnumerateArray().ToDictionary(
            node => node.GetProperty("name").GetString()!, node => node.GetProperty("address").GetString()!.Split('/')[0]);
    }

    private static async Task<ProgramResult> DoAsync(PewterSystem system, params string[] words)
    {
        var result = await system.RunAsync(words);
        Assert.True(result.ExitCode == 0, $"pewter {string.Join(' ', words)}: {result.Output}{result.Error}");
        return result;
    }
}
