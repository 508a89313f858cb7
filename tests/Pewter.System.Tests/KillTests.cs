using System.Text;
using System.Text.Json;
using Pewter.NineP;
using Pewter.NineP.Client;
using Pewter.NineP.Serving;

namespace Pewter.System.Tests;

/// <summary>
/// The daemon is killed at random moments while writers change its state. Strategy: each round starts it, lets writers journal notes of
/// unique names, kills it after a random time, starts it again and reads the journal. Invariants: each acknowledged note is there once,
/// with its number; each note that is there was sent; numbers only grow; it answers again within a second.
/// </summary>
public sealed class KillTests
{
    private const int Writers = 4;
    private static readonly bool IsFull = Environment.GetEnvironmentVariable("PEWTER_SOAK") == "full";
    private static readonly int Rounds = IsFull ? 1000 : 8;

    [Fact]
    [Trait("Category", "Soak")]
    public async Task After_kill_9_every_acknowledged_change_is_there_and_nothing_else()
    {
        await using var system = new PewterSystem();
        Directory.CreateDirectory(system.State);
        var random = new Random(20260729);
        var acknowledged = new Dictionary<string, long>();
        var sent = new HashSet<string>();
        var recoveries = new List<TimeSpan>();
        for (var round = 0; round < Rounds; round++)
        {
            var (daemon, took) = await system.StartDaemonAsync();
            recoveries.Add(took);
            var writers = Enumerable.Range(0, Writers).Select(writer => WriteAsync(system, $"r{round}w{writer}")).ToList();
            await Task.Delay(random.Next(5, 120));
            daemon.Kill();
            await daemon.WaitForExitAsync(TestContext.Current.CancellationToken);
            foreach (var written in await Task.WhenAll(writers))
            {
                sent.UnionWith(written.Sent);
                foreach (var (name, number) in written.Acknowledged)
                {
                    acknowledged.Add(name, number);
                }
            }
        }

        var (last, _) = await system.StartDaemonAsync();
        var journal = await JournalAsync(system);
        Assert.True(acknowledged.Count > Rounds, $"only {acknowledged.Count} changes were acknowledged: there was no load");
        Assert.All(acknowledged, entry => Assert.Equal(entry.Value, journal.GetValueOrDefault(entry.Key)));
        Assert.Subset(sent, journal.Keys.ToHashSet());
        TestContext.Current.SendDiagnosticMessage($"{acknowledged.Count} acknowledged; recovery median {Median(recoveries).TotalMilliseconds:0} ms");

        // The promise of 1 s is the benchmark's, on a quiet machine; here only a recovery that hangs is found.
        Assert.InRange(Median(recoveries), TimeSpan.Zero, TimeSpan.FromSeconds(10));

        last.Kill();
        await last.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    private static TimeSpan Median(List<TimeSpan> times) => times.Order().ElementAt(times.Count / 2);

    private static async Task<(List<string> Sent, Dictionary<string, long> Acknowledged)> WriteAsync(PewterSystem system, string prefix)
    {
        var sent = new List<string>();
        var acknowledged = new Dictionary<string, long>();
        try
        {
            await using var connection = await system.ConnectAsync();
            await using var ctl = await connection.Root.OpenPathAsync("ctl", OpenFlags.ReadWrite);
            var buffer = new byte[4096];
            for (var i = 0; ; i++)
            {
                var name = $"{prefix}n{i}";
                sent.Add(name);
                await ctl.WriteAllAsync(0, Encoding.ASCII.GetBytes($"note {name}\n"));
                var count = await ctl.ReadAsync(0, buffer);
                using var result = JsonDocument.Parse(Encoding.UTF8.GetString(buffer, 0, count).Split('\n')[0]);
                acknowledged.Add(name, result.RootElement.GetProperty("seq").GetInt64());
            }
        }
        catch (Exception exception) when (exception is FileException or IOException or global::System.Net.Sockets.SocketException)
        {
            // The daemon was killed.
        }

        return (sent, acknowledged);
    }

    private static async Task<Dictionary<string, long>> JournalAsync(PewterSystem system)
    {
        var result = await system.RunAsync("events", "--since", "0", "-o", "json");
        Assert.Equal(0, result.ExitCode);
        var journal = new Dictionary<string, long>();
        long last = 0;
        foreach (var line in result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            using var parsed = JsonDocument.Parse(line);
            var number = parsed.RootElement.GetProperty("seq").GetInt64();
            Assert.True(number > last, $"event {number} comes after {last}");
            last = number;
            if (parsed.RootElement.GetProperty("event").GetString() == "note")
            {
                journal.Add(parsed.RootElement.GetProperty("text").GetString()!, number);
            }
        }

        return journal;
    }
}
