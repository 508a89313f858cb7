using System.Globalization;

namespace Pewter.Mail.Tests.Faults;

/// <summary>
/// Random kills under load, and a checker over the logs of what really happened: nothing accepted is lost without a
/// word, nothing comes twice, each pair keeps its
/// order, and what comes back says the right reason.
/// </summary>
public sealed class FaultTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("pw-mail-faults");
    private readonly List<PeerProcess> _all = [];
    private int _logs;

    [Fact]
    public async Task Killed_receivers_senders_and_hubs_lose_nothing_and_double_nothing()
    {
        var faults = Environment.GetEnvironmentVariable("PEWTER_SOAK") == "full" ? 1000 : 15;
        var seed = int.Parse(Environment.GetEnvironmentVariable("PEWTER_SEED") ?? "1", CultureInfo.InvariantCulture);
        var random = new Random(seed);
        var hub = Start("hub", "", "77");
        await hub.Ready;
        var (receivers, senders) = (new[] { Receiver(), Receiver() }, new[] { Sender(), Sender() });
        await Task.WhenAll(receivers.Concat(senders).Select(peer => peer.Ready));
        for (var fault = 0; fault < faults; fault++)
        {
            await Task.Delay(random.Next(20, 150));
            switch (random.Next(5))
            {
                case 0:
                    hub.Kill();
                    await Task.Delay(random.Next(50));
                    await (hub = Start("hub", "", "77")).Ready;
                    break;
                case 1:
                    var sender = random.Next(senders.Length);
                    senders[sender].Kill();
                    await (senders[sender] = Sender()).Ready;
                    break;
                default:
                    var receiver = random.Next(receivers.Length);
                    receivers[receiver].Kill();
                    await (receivers[receiver] = Receiver()).Ready;
                    break;
            }
        }

        await Task.Delay(300);
        await Task.WhenAll(senders.Select(sender => sender.EndAsync()));
        await CheckAsync();
    }

    public void Dispose()
    {
        _all.ForEach(peer => peer.Dispose());
        _directory.Delete(recursive: true);
    }

    private async Task CheckAsync()
    {
        var taken = new Dictionary<(string Sender, int Number), int>();
        var receivers = _all.Where(peer => peer.Log.Contains("receive", StringComparison.Ordinal)).ToList();
        foreach (var receiver in receivers)
        {
            var last = new Dictionary<string, int>();
            foreach (var words in Lines(receiver.Log, "T"))
            {
                var number = int.Parse(words[2], CultureInfo.InvariantCulture);
                Assert.True(number > last.GetValueOrDefault(words[1]), $"{words[1]}: {number} came after {last.GetValueOrDefault(words[1])}");
                last[words[1]] = number;
                Assert.True(taken.TryAdd((words[1], number), 1), $"{words[1]}: {number} came twice");
            }
        }

        var (lost, accepted) = (0, 0);
        foreach (var sender in _all.Where(peer => peer.Log.Contains("send", StringComparison.Ordinal) && !peer.WasKilled))
        {
            var address = await sender.Ready;
            var back = Lines(sender.Log, "R").ToDictionary(words => int.Parse(words[1], CultureInfo.InvariantCulture), words => words[2]);
            Assert.All(back.Values, reason => Assert.Contains(reason, new[] { "NoPort", "NodeLost" }));
            foreach (var words in Lines(sender.Log, "A"))
            {
                var number = int.Parse(words[1], CultureInfo.InvariantCulture);
                accepted++;
                var (isTaken, isBack) = (taken.ContainsKey((address, number)), back.ContainsKey(number));
                Assert.False(isTaken && isBack, $"{number} was taken and came back as {back.GetValueOrDefault(number)}");
                lost += isTaken || isBack ? 0 : 1;
            }
        }

        Assert.True(accepted > 100, $"only {accepted} messages were sent: this shows nothing");

        // A receiver that is killed has the message in its hands that it was about to write down, one at most.
        Assert.InRange(lost, 0, receivers.Count(receiver => receiver.WasKilled));
    }

    private static IEnumerable<string[]> Lines(string log, string kind) =>
        (File.Exists(log) ? File.ReadAllLines(log) : []).Select(line => line.Split(' ')).Where(words => words[0] == kind && words.Length >= 2);

    private PeerProcess Receiver() => Start("receive", "work", Log("receive"));

    private PeerProcess Sender() => Start("send", "work", Log("send"));

    private string Log(string kind) => Path.Combine(_directory.FullName, $"{kind}{++_logs}.log");

    private PeerProcess Start(string kind, params string[] words)
    {
        var socket = Path.Combine(_directory.FullName, "hub");
        var peer = new PeerProcess([kind, socket, .. words.Where(word => word.Length > 0)]);
        _all.Add(peer);
        return peer;
    }
}
