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

    [Fact]
    public async Task Two_machines_whose_hubs_die_and_whose_cable_is_cut_lose_nothing_and_double_nothing()
    {
        var faults = Environment.GetEnvironmentVariable("PEWTER_SOAK") == "full" ? 1000 : 12;
        var random = new Random(int.Parse(Environment.GetEnvironmentVariable("PEWTER_SEED") ?? "1", CultureInfo.InvariantCulture));
        var listening = FreePort();
        await using var cable = new LossyCable(listening);
        PeerProcess Parent() => StartAt("one", "hub", "77", "listen", $"{listening}");
        PeerProcess Child() => StartAt("two", "hub", "78", "dial", $"{cable.Port}");
        PeerProcess Taker() => StartAt("two", "receive", "work", Log("receive"));
        PeerProcess Giver(int side) => StartAt(side == 0 ? "one" : "two", "send", "work", Log("send"));
        var hubs = new[] { Parent(), Child() };
        await Task.WhenAll(hubs.Select(hub => hub.Ready));
        var (receivers, senders) = (new[] { Taker(), Taker() }, new[] { Giver(0), Giver(0), Giver(1) });
        await Task.WhenAll(receivers.Concat(senders).Select(peer => peer.Ready));
        for (var fault = 0; fault < faults; fault++)
        {
            await Task.Delay(random.Next(50, 400));
            var which = random.Next(2);
            switch (random.Next(7))
            {
                case 0:
                    hubs[which].Kill();
                    await Task.Delay(random.Next(100));
                    await (hubs[which] = which == 0 ? Parent() : Child()).Ready;
                    break;
                case 1:
                    senders[which].Kill();
                    await (senders[which] = Giver(0)).Ready;
                    break;
                case 2 or 3:
                    receivers[which].Kill();
                    await (receivers[which] = Taker()).Ready;
                    break;
                case 4:
                    cable.Tear();
                    break;
                default:
                    // Shorter than what counts as silence, or longer.
                    cable.Cut();
                    await Task.Delay(random.Next(4) == 0 ? 2500 : random.Next(800));
                    cable.Heal();
                    break;
            }
        }

        await Task.Delay(3000);
        await Task.WhenAll(senders.Select(sender => sender.EndAsync()));
        await CheckAsync(isCut: true);
    }

    public void Dispose()
    {
        _all.ForEach(peer => peer.Dispose());
        _directory.Delete(recursive: true);
    }

    private async Task CheckAsync(bool isCut = false)
    {
        var taken = new Dictionary<(string Sender, int Number), PeerProcess>();
        var receivers = _all.Where(peer => peer.Log.Contains("receive", StringComparison.Ordinal)).ToList();
        foreach (var receiver in receivers)
        {
            var last = new Dictionary<string, int>();
            foreach (var words in Lines(receiver.Log, "T"))
            {
                var number = int.Parse(words[2], CultureInfo.InvariantCulture);
                Assert.True(number > last.GetValueOrDefault(words[1]), $"{words[1]}: {number} came after {last.GetValueOrDefault(words[1])}");
                last[words[1]] = number;
                Assert.True(taken.TryAdd((words[1], number), receiver), $"{words[1]}: {number} came twice");
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
                // Two generals: while the word that it was taken is on its way over the cable, the way may be lost or
                // the taker die. It comes back then, and for no other reason.
                var why = back.GetValueOrDefault(number);
                var isLateWord = isCut && (why == "NodeLost" || (isTaken && taken[(address, number)].WasKilled));
                Assert.False(isTaken && isBack && !isLateWord, $"{number} was taken and came back as {why}");
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

    private static int FreePort()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
    }

    private PeerProcess Start(string kind, params string[] words) => StartAt("hub", kind, words);

    private PeerProcess StartAt(string machine, string kind, params string[] words)
    {
        var socket = Path.Combine(_directory.FullName, machine);
        var peer = new PeerProcess([kind, socket, .. words.Where(word => word.Length > 0)]);
        _all.Add(peer);
        return peer;
    }
}
