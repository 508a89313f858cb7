using System.Diagnostics;
using System.Globalization;
using System.Text;
using Pewter.Linux.Cgroups;
using Pewter.Linux.Namespaces;
using Pewter.NineP;
using Pewter.NineP.Client;
using Pewter.NineP.Serving;

namespace Pewter.System.Tests;

/// <summary>
/// Daemon and agents are killed at random moments while programs are started on this machine and on a cell. Strategy: a spawner starts
/// programs with known exit codes as fast as it can; a killer ends now the daemon, now the machine's agent, now a cell's. Invariants: each
/// program whose start was acknowledged has a record, which says its code or that it is lost, never another; at the end the machine is as it
/// was before: no process, no mount, no cgroup, and nothing in a namespace that a cell ever had.
/// </summary>
public sealed class SpawnKillTests
{
    private static readonly bool IsFull = Environment.GetEnvironmentVariable("PEWTER_SOAK") == "full";
    private static readonly int Spawns = IsFull ? 1000 : 40;
    private static readonly int LeastKills = IsFull ? 50 : 4;

    private int _kills;

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
        using var namespaces = new NamespaceWatch();
        Watch(system, namespaces);
        Assert.True(namespaces.Count >= 4, $"a cell has namespaces of its own, and only {namespaces.Count} are seen");
        var killer = Task.Run(() => KillAsync(system, daemon, namespaces, over.Token));
        while (IsGoingOn(started))
        {
            await SpawnAsync(system, started);
        }

        await over.CancelAsync();
        daemon = await killer;
        var lost = 0;
        foreach (var (id, code) in started)
        {
            var wait = await system.RunAsync("cat", $"/proc/{id}/wait");
            Assert.True(wait.ExitCode == 0, $"{id}: {wait.Error}");
            Assert.Matches($"cause=exit shell_code={code} |cause=(lost|node-lost) ", wait.Output);
            lost += wait.Output.Contains("cause=exit", StringComparison.Ordinal) ? 0 : 1;
        }

        TestContext.Current.SendDiagnosticMessage($"{started.Count} starts acknowledged, {_kills} kills, {lost} programs lost");
        daemon.Kill();
        await daemon.WaitForExitAsync(TestContext.Current.CancellationToken);

        // What cells had that are gone nobody may have any more; of those that are still there 'clean' itself proves it.
        var alive = Members(system).Select(process => $": /proc/{process}/").ToList();
        Assert.DoesNotContain(namespaces.Holders(), holder => !alive.Exists(holder.Contains));
        namespaces.Dispose();
        await system.DisposeAsync();
        Assert.Equal(before, Traces(system));
    }

    /// <summary>Starts programs until one fails, or all have been started.</summary>
    private async Task SpawnAsync(PewterSystem system, Dictionary<string, int> started)
    {
        try
        {
            await using var connection = await system.ConnectAsync();
            while (IsGoingOn(started))
            {
                var code = (started.Count % 100) + 1;
                await using var clone = await connection.Root.OpenPathAsync("proc/clone", OpenFlags.ReadWrite);
                var buffer = new byte[64];
                var id = Encoding.ASCII.GetString(buffer, 0, await clone.ReadAsync(0, buffer)).Trim();
                var where = started.Count % 3 == 0 ? "on kind=cell\n" : "";
                await clone.WriteAllAsync(0, Encoding.ASCII.GetBytes($"type persistent\n{where}exec /bin/sh -c 'exit {code}'\n"));
                started.Add(id, code);
            }
        }
        catch (Exception exception) when (exception is FileException or IOException or global::System.Net.Sockets.SocketException)
        {
            // One of the two was killed: whether this one runs is not known, so it is not counted.
            await Task.Delay(10, CancellationToken.None);
        }
    }

    private bool IsGoingOn(Dictionary<string, int> started) => started.Count < Spawns || Volatile.Read(ref _kills) < LeastKills;

    private async Task<Process> KillAsync(PewterSystem system, Process daemon, NamespaceWatch namespaces, CancellationToken over)
    {
        var random = new Random(20261127);
        for (; !over.IsCancellationRequested; Interlocked.Increment(ref _kills))
        {
            await Task.Delay(random.Next(50, 700), CancellationToken.None);
            Watch(system, namespaces);
            var what = random.Next(5);
            if (what == 0)
            {
                // The cell's own agent is its process 1: the cell is lost, and another one is made.
                var cells = Members(system, "-cells");
                foreach (var agent in Process.GetProcessesByName("pewter-node").Where(agent => cells.Contains(agent.Id)))
                {
                    agent.Kill();
                }

                await system.RunAsync("node", "alloc", "-q");
            }
            else if (what < 3)
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

    /// <summary>Takes note of the namespaces that cells have now.</summary>
    private static void Watch(PewterSystem system, NamespaceWatch namespaces)
    {
        foreach (var process in Members(system))
        {
            namespaces.Add(process);
        }
    }

    /// <summary>The processes in the cgroups of the system.</summary>
    private static HashSet<int> Members(PewterSystem system, string end = "")
    {
        var hierarchies = CgroupHierarchies.Read();
        var members = new HashSet<int>();
        foreach (var name in Cgroups(system).Select(path => Path.GetFileName(path)!).Where(name => name.EndsWith(end, StringComparison.Ordinal)).Distinct())
        {
            using var group = Cgroup.Find(hierarchies, name);
            members.UnionWith(group.TreeMembers());
        }

        return members;
    }

    private static List<Process> Workers(PewterSystem system) => [.. Process.GetProcessesByName("pewter-node").Where(process =>
        CommandLine(process.Id) is var line && line.Contains("worker", StringComparison.Ordinal) && line.Contains(system.State, StringComparison.Ordinal))];

    /// <summary>What of this system can be seen on the machine: processes, mounts, cgroups.</summary>
    private static List<string> Traces(PewterSystem system) =>
    [
        .. Directory.EnumerateDirectories("/proc").Select(path => Path.GetFileName(path))
            .Where(name => int.TryParse(name, CultureInfo.InvariantCulture, out var id) && CommandLine(id).Contains(system.State, StringComparison.Ordinal)),
        .. File.ReadLines("/proc/self/mountinfo").Where(line => line.Contains(system.State, StringComparison.Ordinal)),
        .. Cgroups(system),
    ];

    private static IEnumerable<string> Cgroups(PewterSystem system)
    {
        var hash = global::System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(Path.Combine(system.State, "node")));
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
