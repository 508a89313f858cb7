using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Pewter.NineP;
using Pewter.NineP.Client;
using Pewter.Testing;
using Pewter.Testing.Guests;

namespace Pewter.System.Tests;

/// <summary>
/// The daemon is killed at every step of the allocation and of the release of virtual machines on a network. Strategy: an allocation and a release
/// are timed once; then each is begun again and again, and the daemon is killed after another twentieth of that time. Invariants: a machine that
/// was ready, and whose release was not begun, is ready and has not booted again; one that was accepted becomes ready; one whose release was
/// begun is gone, or is released by the same command again; no process and no file is there that is not of a machine that is listed.
/// </summary>
public sealed class VmKillTests
{
    private const int Steps = 20;
    private const int MostKept = 4;
    private static readonly bool IsFull = Environment.GetEnvironmentVariable("PEWTER_SOAK") == "full";
    private static readonly int Times = IsFull ? 10 : 1;

    private readonly PewterSystem _system = new();
    private readonly Dictionary<string, string> _kept = [];

    [Fact]
    [Trait("Category", "Soak")]
    public async Task After_kill_9_at_any_step_machines_are_whole_or_gone()
    {
        Programs.RequireCells();
        Guest.RequireKernel("cloud-6.1");
        Assert.SkipWhen(Programs.NetworkServer is null, "skipped, because pewter-netd is not built; 'eng/build.sh pewter-netd' builds it");
        await using var system = _system;
        Directory.CreateDirectory(system.State);
        var (daemon, _) = await system.StartDaemonAsync();
        var net = (await CommandAsync("net/ctl", "create name=lab cidr=10.73.5.0/24"))[0].GetProperty("id").GetString();
        var (alloc, release) = await MeasureAsync();
        foreach (var step in Enumerable.Range(0, Steps * Times).Where(step => IsFull || step % 10 == 3))
        {
            var part = (double)(step % Steps) / Steps;
            daemon = await KilledAsync(daemon, () => TryAsync("node/ctl", "alloc kind=vm net=lab"), alloc * part);
            await CheckAsync();
            var victim = _kept.Keys.First();
            _kept.Remove(victim);
            daemon = await KilledAsync(daemon, () => TryAsync($"node/{victim}/ctl", "release"), release * part);
            await AgainAsync(victim);
            await CheckAsync();
        }

        await TryAsync("node/query/kind=vm/ctl", "release");
        await CommandAsync($"net/{net}/ctl", "rm");
        Assert.Empty(Processes());
        Assert.Equal(["host.sock"], Directory.GetFiles(Path.Combine(system.State, "run", "node")).Select(Path.GetFileName));
        daemon.Kill();
        await daemon.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    private async Task<(TimeSpan Alloc, TimeSpan Release)> MeasureAsync()
    {
        await AllocAsync();
        var start = Stopwatch.GetTimestamp();
        await AllocAsync();
        var alloc = Stopwatch.GetElapsedTime(start);
        var victim = _kept.Keys.Last();
        _kept.Remove(victim);
        start = Stopwatch.GetTimestamp();
        await CommandAsync($"node/{victim}/ctl", "release");

        // The next daemon has no template, so its first machine boots, which takes longer; most of that is one wait.
        return (alloc * 2, Stopwatch.GetElapsedTime(start));
    }

    private async Task AllocAsync()
    {
        var id = (await CommandAsync("node/ctl", "alloc kind=vm net=lab"))[0].GetProperty("id").GetString()!;
        await Until.TrueAsync(async () => (await StatesAsync()).GetValueOrDefault(id) == "ready", $"{id} is ready");
        _kept.Add(id, await BootAsync(id));
    }

    private async Task<Process> KilledAsync(Process daemon, Func<Task> act, TimeSpan after)
    {
        var acting = act();
        await Task.Delay(after);
        daemon.Kill();
        await daemon.WaitForExitAsync(TestContext.Current.CancellationToken);
        await acting;
        return (await _system.StartDaemonAsync()).Daemon;
    }

    /// <summary>Whoever was told nothing gives the command again, and finds nothing left to do or nothing in the way.</summary>
    private async Task AgainAsync(string victim)
    {
        if ((await StatesAsync()).ContainsKey(victim))
        {
            await TryAsync($"node/{victim}/ctl", "release");
        }

        await Until.TrueAsync(async () => !(await StatesAsync()).ContainsKey(victim), $"{victim} is gone");
    }

    private async Task CheckAsync()
    {
        await Until.TrueAsync(async () => (await StatesAsync()).Values.All(state => state == "ready"), "all machines are ready");
        var states = await StatesAsync();
        Assert.Subset(states.Keys.ToHashSet(), _kept.Keys.ToHashSet());
        foreach (var (id, boot) in _kept)
        {
            Assert.Equal(boot, await BootAsync(id));
        }

        foreach (var id in states.Keys.Except(_kept.Keys).ToList())
        {
            _kept.Add(id, await BootAsync(id));
        }

        while (_kept.Count > MostKept)
        {
            var first = _kept.Keys.First();
            await CommandAsync($"node/{first}/ctl", "release");
            _kept.Remove(first);
        }

        var ids = _kept.Keys.Append("host").ToHashSet();
        Assert.Subset(ids, Directory.GetFiles(Path.Combine(_system.State, "run", "node")).Select(Path.GetFileNameWithoutExtension).ToHashSet()!);
        Assert.Equal(_kept.Count, Processes().Count(line => !line.Contains("/ahead/", StringComparison.Ordinal)));
    }

    private async Task<string> BootAsync(string id)
    {
        await using var connection = await _system.ConnectAsync();
        return await connection.Root.ReadTextAsync($"node/{id}/fs/proc/sys/kernel/random/boot_id");
    }

    private async Task<Dictionary<string, string>> StatesAsync()
    {
        await using var connection = await _system.ConnectAsync();
        using var nodes = JsonDocument.Parse(await connection.Root.ReadTextAsync("node/query/kind=vm/json"));
        return nodes.RootElement.EnumerateArray().ToDictionary(
            node => node.GetProperty("id").GetString()!, node => node.GetProperty("state").GetString()!);
    }

    private async Task<List<JsonElement>> CommandAsync(string path, string line)
    {
        await using var connection = await _system.ConnectAsync();
        return await connection.CommandAsync(path, line);
    }

    private async Task TryAsync(string path, string line)
    {
        try
        {
            await CommandAsync(path, line);
        }
        catch (Exception exception) when (exception is FileException or IOException or global::System.Net.Sockets.SocketException)
        {
            // The daemon was killed, or had nothing left to do.
        }
    }

    /// <summary>The command lines of this system's machines.</summary>
    private List<string> Processes()
    {
        var found = new List<string>();
        foreach (var directory in Directory.GetDirectories("/proc").Where(path => int.TryParse(Path.GetFileName(path), CultureInfo.InvariantCulture, out _)))
        {
            try
            {
                var line = File.ReadAllText($"{directory}/cmdline");
                if (line.StartsWith("qemu-system", StringComparison.Ordinal) && line.Contains(_system.State, StringComparison.Ordinal))
                {
                    found.Add(line);
                }
            }
            catch (IOException)
            {
                // It has ended.
            }
        }

        return found;
    }
}
