using System.Diagnostics;
using System.Globalization;
using System.Text;
using Pewter.NineP;
using Pewter.NineP.Client;
using Pewter.NineP.Serving;

namespace Pewter.System.Tests;

/// <summary>
/// Daemon and host agent are killed at random moments while programs are started on this machine and on a cell. Strategy: a spawner starts
/// programs with known exit codes as fast as it can; a killer ends now the daemon, now the agent. Invariants: each program whose start was
/// acknowledged has a record, which says its code or that it is lost, never another; at the end the machine is as it was before.
/// </summary>
public sealed class SpawnKillTests
{
    private static readonly bool IsFull = Environment.GetEnvironmentVariable("PEWTER_SOAK") == "full";
    private static readonly int Spawns = IsFull ? 1000 : 80;

    [Fact]
    [Trait("Category", "Soak")]
    public async Task After_kill_9_of_daemon_and_agent_no_record_is_wrong_and_the_machine_is_as_before()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "skipped, because cells need root");
        Assert.SkipWhen(Programs.Agent is null, "skipped, because the agent is not built; 'eng/build.sh pewter-node' builds it");
        var system = new PewterSystem();
        Directory.CreateDirectory(system.State);
        var before = Traces(system);
        var started = new Dictionary<string, int>();
        var (daemon, _) = await system.StartDaemonAsync();
        Assert.Equal(0, (await system.RunAsync("node", "alloc", "-q")).ExitCode);
        using var over = new CancellationTokenSource();
        var killer = Task.Run(() => KillAsync(system, daemon, over.Token));
        for (var next = 0; next < Spawns; next++)
        {
            next = await SpawnAsync(system, next, started);
        }

        await over.CancelAsync();
        daemon = await killer;
        Assert.True(started.Count > Spawns / 8, $"only {started.Count} starts were acknowledged: there was no load");
        var lost = 0;
        foreach (var (id, code) in started)
        {
            var wait = await system.RunAsync("cat", $"/proc/{id}/wait");
            Assert.True(wait.ExitCode == 0, $"{id}: {wait.Error}");
            Assert.Matches($"cause=exit shell_code={code} |cause=(lost|node-lost) ", wait.Output);
            lost += wait.Output.Contains("cause=exit", StringComparison.Ordinal) ? 0 : 1;
        }

        TestContext.Current.SendDiagnosticMessage($"{started.Count} starts acknowledged, {lost} of them lost");
        daemon.Kill();
        await daemon.WaitForExitAsync(TestContext.Current.CancellationToken);
        await system.DisposeAsync();
        Assert.Equal(before, Traces(system));
    }

    /// <summary>Starts programs until one fails; returns the number of that one.</summary>
    private static async Task<int> SpawnAsync(PewterSystem system, int next, Dictionary<string, int> started)
    {
        try
        {
            await using var connection = await system.ConnectAsync();
            for (; next < Spawns; next++)
            {
                var code = (next % 100) + 1;
                await using var clone = await connection.Root.OpenPathAsync("proc/clone", OpenFlags.ReadWrite);
                var buffer = new byte[64];
                var id = Encoding.ASCII.GetString(buffer, 0, await clone.ReadAsync(0, buffer)).Trim();
                var where = next % 3 == 0 ? "query kind=cell\n" : "";
                await clone.WriteAllAsync(0, Encoding.ASCII.GetBytes($"type persistent\n{where}exec /bin/sh -c 'exit {code}'\n"));
                started.Add(id, code);
            }
        }
        catch (Exception exception) when (exception is FileException or IOException or global::System.Net.Sockets.SocketException)
        {
            // One of the two was killed: whether this one runs is not known, so it is not counted.
        }

        return next;
    }

    private static async Task<Process> KillAsync(PewterSystem system, Process daemon, CancellationToken over)
    {
        var random = new Random(20261127);
        while (!over.IsCancellationRequested)
        {
            await Task.Delay(random.Next(50, 700), CancellationToken.None);
            if (random.Next(2) == 0)
            {
                daemon.Kill();
                await daemon.WaitForExitAsync(CancellationToken.None);
                (daemon, _) = await system.StartDaemonAsync();
            }
            else
            {
                foreach (var agent in Workers(system))
                {
                    agent.Kill();
                }
            }
        }

        return daemon;
    }

    private static List<Process> Workers(PewterSystem system) => [.. Process.GetProcessesByName("pewter-node").Where(process =>
        CommandLine(process.Id) is var line && line.Contains("worker", StringComparison.Ordinal) && line.Contains(system.State, StringComparison.Ordinal))];

    /// <summary>What of this system can be seen on the machine: processes, mounts, cgroups of daemons that were not there, cell namespaces.</summary>
    private static List<string> Traces(PewterSystem system) =>
    [
        .. Directory.EnumerateDirectories("/proc").Select(path => Path.GetFileName(path))
            .Where(name => int.TryParse(name, CultureInfo.InvariantCulture, out var id) && CommandLine(id).Contains(system.State, StringComparison.Ordinal)),
        .. File.ReadLines("/proc/self/mountinfo").Where(line => line.Contains(system.State, StringComparison.Ordinal)),
        .. Cgroups(system),
    ];

    private static IEnumerable<string> Cgroups(PewterSystem system)
    {
        var hash = global::System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(system.State));
        var tag = $"pewter-{Convert.ToHexStringLower(hash.AsSpan(0, 4))}";
        return Directory.EnumerateDirectories("/sys/fs/cgroup", "*", SearchOption.TopDirectoryOnly)
            .SelectMany(hierarchy => Directory.EnumerateDirectories(hierarchy, $"{tag}*"));
    }

    private static string CommandLine(int process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/cmdline");
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
