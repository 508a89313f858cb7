using System.Text;
using System.Text.Json;
using Pewter.NineP;
using Pewter.NineP.Client;
using Pewter.NineP.Serving;

namespace Pewter.System.Tests;

/// <summary>
/// The daemon is killed at random moments while machines are booted, taken from a template, forked and released.
/// Strategy: each round starts it, lets one user work, kills it after a random time and starts it again. Invariants: a
/// machine that was ready, and whose release was not begun, is ready; one that was accepted comes up; a fork that was
/// not acknowledged is there whole or not at all; at the end everything can be released and no process is left.
/// </summary>
public sealed class VmKillTests
{
    private static readonly bool IsFull = Environment.GetEnvironmentVariable("PEWTER_SOAK") == "full";
    private static readonly int Rounds = IsFull ? 200 : 4;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    [Fact]
    [Trait("Category", "Soak")]
    public async Task After_kill_9_ready_machines_run_and_half_made_ones_leave_nothing()
    {
        var cache = Programs.RequireMachines();
        await using var system = new PewterSystem { Settings = { ["PEWTER_CACHE"] = cache } };
        Directory.CreateDirectory(system.State);
        var random = new Random(20261127);
        var kept = new HashSet<string>();
        for (var round = 0; round < Rounds; round++)
        {
            var (daemon, _) = await system.StartDaemonAsync();
            await CheckAsync(system, kept);
            var user = UseAsync(system, kept);
            await Task.Delay(random.Next(100, 4000), TestContext.Current.CancellationToken);
            daemon.Kill();
            await daemon.WaitForExitAsync(TestContext.Current.CancellationToken);
            await user;
        }

        var (last, _) = await system.StartDaemonAsync();
        await CheckAsync(system, kept);
        var released = await system.RunAsync("node", "release", "-q", "kind=vm");
        Assert.True(released.ExitCode == 0, released.Output + released.Error);
        Assert.Equal(["host"], (await system.RunAsync("node", "list", "-o", "json")).Nodes("name"));
        Assert.DoesNotContain(Directory.GetFiles(Path.Combine(system.State, "run", "node")), path => Path.GetFileName(path)[0] == 'n');
        last.Kill();
        await last.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    private static async Task CheckAsync(PewterSystem system, HashSet<string> kept)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            var listed = await system.RunAsync("node", "list", "kind=vm", "-o", "json");
            Assert.True(listed.ExitCode == 0, listed.Error);
            using var nodes = JsonDocument.Parse(listed.Output);
            var states = nodes.RootElement.EnumerateArray().ToDictionary(
                node => node.GetProperty("id").GetString()!, node => node.GetProperty("state").GetString());
            if (states.Values.All(state => state == "ready"))
            {
                Assert.Subset(states.Keys.ToHashSet(), kept);
                return;
            }

            Assert.True(states.Values.All(state => state is "ready" or "allocating"), listed.Output);
            await Task.Delay(200, patience.Token);
        }
    }

    /// <summary>
    /// Allocates a machine, forks it and releases the first copy, again and again until the daemon is gone.
    /// </summary>
    private static async Task UseAsync(PewterSystem system, HashSet<string> kept)
    {
        try
        {
            await using var connection = await system.ConnectAsync();
            for (var i = 0; i < 3; i++)
            {
                var id = (await CommandAsync(connection.Root, "node/ctl", "alloc kind=vm"))[0].GetProperty("id").GetString()!;
                await WaitAsync(connection.Root, id);
                kept.Add(id);
                var copies = await CommandAsync(connection.Root, $"node/{id}/ctl", "fork n=2");
                kept.Add(copies[1].GetProperty("id").GetString()!);
                await CommandAsync(connection.Root, $"node/{copies[0].GetProperty("id").GetString()}/ctl", "release");
            }
        }
        catch (Exception exception) when (exception is FileException or IOException or global::System.Net.Sockets.SocketException)
        {
            // The daemon was killed.
        }
    }

    private static async Task WaitAsync(NineFile root, string id)
    {
        await using var wait = await root.OpenPathAsync($"node/{id}/wait", OpenFlags.ReadWrite);
        await wait.WriteAllAsync(0, "ready\n"u8.ToArray());
        var buffer = new byte[4096];
        var count = await wait.ReadAsync(0, buffer);
        Assert.Contains("state=ready", Encoding.UTF8.GetString(buffer, 0, count));
    }

    private static async Task<List<JsonElement>> CommandAsync(NineFile root, string path, string line)
    {
        await using var ctl = await root.OpenPathAsync(path, OpenFlags.ReadWrite);
        await ctl.WriteAllAsync(0, Encoding.UTF8.GetBytes(line + "\n"));
        var buffer = new byte[8192];
        var count = await ctl.ReadAsync(0, buffer);
        var lines = Encoding.UTF8.GetString(buffer, 0, count).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return [.. lines.Select(text => JsonDocument.Parse(text).RootElement)];
    }
}
