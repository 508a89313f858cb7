using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Pewter.NineP;
using Pewter.Sdk;
using Process = System.Diagnostics.Process;

namespace Pewter.System.Tests;

/// <summary>
/// Daemon and disk server are killed at random moments while workers make, freeze and release disks. Strategy: each worker takes its own disk and
/// image through create, snapshot, release and remove, over and over; a killer ends the daemon, the disk server or both. Invariants: what was
/// acknowledged is so; after a failure the state is that before or after the change, and the same again succeeds; at the end the disk server has
/// what the daemon knows and nothing else.
/// </summary>
public sealed partial class ImageKillTests
{
    private const int Workers = 3;
    private static readonly int Kills = Environment.GetEnvironmentVariable("PEWTER_SOAK") == "full" ? 100 : 9;

    private Process _daemon = null!;
    private int _acknowledged;
    private int _failed;

    [Fact]
    [Trait("Category", "Soak")]
    public async Task After_kill_9_of_daemon_and_disk_server_the_state_is_before_or_after_and_the_same_again_succeeds()
    {
        await using var system = new PewterSystem();
        Directory.CreateDirectory(system.State);
        (_daemon, _) = await system.StartDaemonAsync();
        try
        {
            await SoakAsync(system);
        }
        finally
        {
            // Else the directory could not be removed, and nobody would read why.
            _daemon.Kill();
            await _daemon.WaitForExitAsync(CancellationToken.None);
        }
    }

    private async Task SoakAsync(PewterSystem system)
    {
        var raw = Path.Combine(system.State, "golden.raw");
        await File.WriteAllBytesAsync(raw, [.. Enumerable.Repeat((byte)0x5A, 1 << 20)]);
        await CommandAsync(system, "/image", "import", raw, "golden");
        using var over = new CancellationTokenSource();
        var workers = Enumerable.Range(0, Workers).Select(worker => Task.Run(() => WorkAsync(system, $"w{worker}", over.Token))).ToList();
        await KillAsync(system, workers);
        await over.CancelAsync();
        await Task.WhenAll(workers);
        Assert.True(_failed > Kills / 4, $"only {_failed} changes were cut short by {Kills} kills");
        TestContext.Current.SendDiagnosticMessage($"{_acknowledged} changes acknowledged, {_failed} cut short by {Kills} kills");
        await CheckAsync(system);
    }

    [GeneratedRegex(@"\bblockd=(\d+)")]
    private static partial Regex BlockdPattern();

    private async Task WorkAsync(PewterSystem system, string name, CancellationToken over)
    {
        for (var i = 0; !over.IsCancellationRequested; i++)
        {
            var (disk, frozen) = ($"{name}-{i}", $"{name}-{i}-frozen");
            await ChangeAsync(system, state => state.Contains(disk), "/disk", "create", "image=golden", $"name={disk}");
            await ChangeAsync(system, state => state.Contains(frozen), $"/disk/{disk}", "snapshot", frozen);
            await ChangeAsync(system, state => !state.Contains(disk), $"/disk/{disk}", "release", "force");
            await ChangeAsync(system, state => !state.Contains(frozen), $"/image/{frozen}", "remove");
        }
    }

    /// <summary>Makes a change, again and again until it is made: it, or the state before it, is what is seen after a failure.</summary>
    private async Task ChangeAsync(PewterSystem system, Func<HashSet<string>, bool> isMade, string directory, params string[] words)
    {
        FileException? refused = null;
        var (started, isRetried) = (Stopwatch.GetTimestamp(), false);
        while (Stopwatch.GetElapsedTime(started) < TimeSpan.FromMinutes(3))
        {
            try
            {
                await CommandAsync(system, directory, words);
                Interlocked.Increment(ref _acknowledged);
                Assert.True(isMade(await StateAsync(system)), $"{directory} {string.Join(' ', words)} was acknowledged and is not there");
                return;
            }
            catch (Exception lost) when (IsLoss(lost))
            {
                refused = lost as FileException ?? refused;
                Interlocked.Add(ref _failed, isRetried ? 0 : 1);
                isRetried = true;
                if (isMade(await StateAsync(system)))
                {
                    return;
                }

                await Task.Delay(20);
            }
        }

        Assert.Fail($"{directory} {string.Join(' ', words)} did not succeed again: {refused?.Message}");
    }

    private static bool IsLoss(Exception failure) =>
        failure is FileException or IOException or global::System.Net.Sockets.SocketException or ObjectDisposedException;

    private static async Task CommandAsync(PewterSystem system, string directory, params string[] words)
    {
        await using var client = await PewterClient.ConnectAsync("unix:" + system.Socket);
        await client.Tree.CommandAsync(directory + "/ctl", words);
    }

    /// <summary>The names of all disks and images, from whichever daemon answers.</summary>
    private static async Task<HashSet<string>> StateAsync(PewterSystem system)
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                await using var client = await PewterClient.ConnectAsync("unix:" + system.Socket);
                var (disks, images) = (await client.Tree.ReadTextAsync("/disk/json"), await client.Tree.ReadTextAsync("/image/json"));
                return [.. Names(disks, "name"), .. Names(images, "name")];
            }
            catch (Exception lost) when (IsLoss(lost) && Stopwatch.GetElapsedTime(started) < TimeSpan.FromMinutes(2))
            {
                await Task.Delay(20);
            }
        }
    }

    private static string[] Names(string json, string member)
    {
        using var document = JsonDocument.Parse(json);
        return [.. document.RootElement.EnumerateArray().Select(each => each.TryGetProperty(member, out var name) ? name.GetString()! : "")];
    }

    private async Task KillAsync(PewterSystem system, List<Task> workers)
    {
        var random = new Random(20261127);
        for (var i = 0; i < Kills; i++)
        {
            // A worker that fails says why; one that gets nowhere fails by itself.
            var seen = Volatile.Read(ref _acknowledged);
            while (Volatile.Read(ref _acknowledged) == seen && !workers.Exists(worker => worker.IsCompleted))
            {
                await Task.Delay(5);
            }

            if (workers.Find(worker => worker.IsCompleted) is { } ended)
            {
                await ended;
            }

            await Task.Delay(random.Next(60));
            if (i % 3 != 0)
            {
                await KillBlockdAsync(system);
            }

            if (i % 3 != 1)
            {
                _daemon.Kill();
                await _daemon.WaitForExitAsync();
                (_daemon, _) = await system.StartDaemonAsync();
            }
        }
    }

    private static async Task KillBlockdAsync(PewterSystem system)
    {
        await using var client = await PewterClient.ConnectAsync("unix:" + system.Socket);
        var running = BlockdPattern().Match(await client.Tree.ReadTextAsync("/status"));
        if (!running.Success)
        {
            return;
        }

        try
        {
            using var process = Process.GetProcessById(int.Parse(running.Groups[1].Value, CultureInfo.InvariantCulture));
            process.Kill();
        }
        catch (ArgumentException)
        {
            // It is dead, and not yet found to be.
        }
    }

    private static async Task CheckAsync(PewterSystem system)
    {
        await Testing.Until.TrueAsync(async () => await TryCollectAsync(system), "what was cut short is ended");
        await using var client = await PewterClient.ConnectAsync("unix:" + system.Socket);
        await using var server = await PewterClient.ConnectAsync($"unix:{system.State}/run/disk/control.sock");
        var (known, served) = (Names(await client.Tree.ReadTextAsync("/disk/json"), "id"), Names(await server.Tree.ReadTextAsync("/disk/json"), "id"));
        Assert.Equal(known.Order(), served.Order());
        var layers = Names(await server.Tree.ReadTextAsync("/layer/json"), "id");
        Assert.Equal(Names(await client.Tree.ReadTextAsync("/image/json"), "layer").Order(), layers.Order());
        await client.Tree.CommandAsync("/image/golden/ctl", ["verify"]);
    }

    private static async Task<bool> TryCollectAsync(PewterSystem system)
    {
        try
        {
            await CommandAsync(system, "/image", "gc");
            return true;
        }
        catch (Exception lost) when (IsLoss(lost))
        {
            return false;
        }
    }
}
