using System.Text.Json;
using Pewter.NineP;

namespace Pewter.System.Tests;

/// <summary>
/// The daemon is killed at random moments while cells are allocated and released. Strategy: each round starts it, lets users allocate and
/// release, kills it after a random time and starts it again. Invariants: a cell whose allocation was acknowledged, and whose release was
/// not begun, is ready with the process that it had; what was not acknowledged is ready too or leaves nothing; at the end everything can be
/// released and nothing is left.
/// </summary>
public sealed class NodeKillTests
{
    private const int Users = 3;
    private static readonly int Rounds = Environment.GetEnvironmentVariable("PEWTER_SOAK") == "full" ? 200 : 6;

    [Fact]
    [Trait("Category", "Soak")]
    public async Task After_kill_9_acknowledged_cells_live_and_half_made_ones_leave_nothing()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "skipped, because cells need root");
        Assert.SkipWhen(Programs.Agent is null, "skipped, because the agent is not built; 'eng/build.sh pewter-node' builds it");
        await using var system = new PewterSystem();
        Directory.CreateDirectory(system.State);
        var random = new Random(20261120);
        var kept = new HashSet<string>();
        for (var round = 0; round < Rounds; round++)
        {
            var (daemon, _) = await system.StartDaemonAsync();
            await CheckAsync(system, kept);
            var users = Enumerable.Range(0, Users).Select(_ => UseAsync(system, kept)).ToList();
            await Task.Delay(random.Next(50, 600));
            daemon.Kill();
            await daemon.WaitForExitAsync(TestContext.Current.CancellationToken);
            await Task.WhenAll(users);
        }

        var (last, _) = await system.StartDaemonAsync();
        Assert.True(kept.Count > 0, "no allocation was acknowledged: there was no load");
        await CheckAsync(system, kept);
        var released = await system.RunAsync("node", "release", "-q", "kind=cell");
        Assert.True(released.ExitCode == 0, released.Error);
        Assert.Equal(["host"], (await system.RunAsync("node", "list", "-o", "json")).Nodes("name"));
        Assert.Equal(["host.sock"], Directory.GetFiles(Path.Combine(system.State, "run", "node")).Select(Path.GetFileName));
        last.Kill();
        await last.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    private static async Task CheckAsync(PewterSystem system, HashSet<string> kept)
    {
        var listed = await system.RunAsync("node", "list", "kind=cell", "-o", "json");
        Assert.True(listed.ExitCode == 0, listed.Error);
        using var nodes = JsonDocument.Parse(listed.Output);
        var states = nodes.RootElement.EnumerateArray().ToDictionary(
            node => node.GetProperty("id").GetString()!, node => node.GetProperty("state").GetString());
        Assert.All(kept, id => Assert.Equal("ready", states.GetValueOrDefault(id)));
        Assert.All(states, state => Assert.Equal("ready", state.Value));
    }

    /// <summary>Allocates two cells and releases the first of them, again and again until the daemon is gone.</summary>
    private static async Task UseAsync(PewterSystem system, HashSet<string> kept)
    {
        try
        {
            await using var connection = await system.ConnectAsync();
            while (true)
            {
                var made = await connection.CommandAsync("node/ctl", "alloc n=2 kind=cell");
                var ids = made.Select(line => line.GetProperty("id").GetString()!).ToList();
                lock (kept)
                {
                    kept.UnionWith(ids.Skip(1));
                }

                await connection.CommandAsync($"node/{ids[0]}/ctl", "release");
            }
        }
        catch (Exception exception) when (exception is FileException or IOException or global::System.Net.Sockets.SocketException)
        {
            // The daemon was killed.
        }
    }
}
