using Pewter.Mail.Benchmarks;

// usage: Pewter.Mail.Benchmarks [--quick]
// Ours and the rivals take turns in the same minute; each figure is the median of the rounds. With other words it is
// the other process of a measurement.
switch (args.FirstOrDefault())
{
    case "ring-echo":
        RingLoad.Echo(args);
        return;
    case "ring-count":
        RingLoad.Count(args);
        return;
    case "unix-echo":
        UnixLoad.Echo(args);
        return;
    case "unix-count":
        UnixLoad.Count(args);
        return;
    case "nats-echo":
        NatsServer.Echo(args);
        return;
    case "nats-count":
        NatsServer.Count(args);
        return;
}

var quick = args.Contains("--quick");
var (rounds, turn) = quick ? (3, TimeSpan.FromSeconds(0.3)) : (5, TimeSpan.FromSeconds(1));
var series = new SortedDictionary<string, List<double>>(StringComparer.Ordinal);
using (var nats = NatsServer.Start())
{
    for (var round = 0; round < rounds; round++)
    {
        Add("unix.rtt", UnixLoad.RoundTripMicroseconds(turn));
        Add("ring.rtt", RingLoad.RoundTripMicroseconds(RingLoad.Wait.Blocking, turn));
        Add("ring.rtt.spin", RingLoad.RoundTripMicroseconds(RingLoad.Wait.Spinning, turn));
        Add("ring.rtt.adaptive", RingLoad.RoundTripMicroseconds(RingLoad.Wait.Adaptive, turn));
        Add("unix.rate", UnixLoad.MessagesPerSecond(turn) / 1e6);
        Add("ring.rate", RingLoad.MessagesPerSecond(RingLoad.Wait.Adaptive, 64, turn) / 1e6);
        Add("ring.rate.spin", RingLoad.MessagesPerSecond(RingLoad.Wait.Spinning, 64, turn) / 1e6);
        Add("copy", LocalLoad.CopyBytesPerSecond(1 << 20, turn / 2) / 1e9);
        Add("ring.large", RingLoad.MessagesPerSecond(RingLoad.Wait.Adaptive, 1 << 20, turn) * (1 << 20) / 1e9);
        var (rate, allocated) = LocalLoad.MessagesPerSecond(turn);
        Add("local.rate", rate / 1e6);
        Add("local.allocated", allocated);
        if (nats is not null)
        {
            Add("nats.rtt", nats.RoundTripMicroseconds(turn));
            Add("nats.rate", nats.MessagesPerSecond(turn) / 1e6);
        }
    }
}

Least("mail.local", "local.rate", "M/s", 20, $"64 bytes within a process; {Row.Median(series["local.allocated"]):0.###} bytes allocated a message");
Against("mail.roundtrip.blocking", "ring.rtt", "us", "Unix socket", "unix.rtt", 1.0, lessIsMore: true);
Against("mail.roundtrip.adaptive", "ring.rtt.adaptive", "us", "Unix socket", "unix.rtt", 1.0, lessIsMore: true);
Most("mail.roundtrip.spinning", "ring.rtt.spin", "us", 1);
Against("mail.oneway.unix", "ring.rate", "M/s", "Unix socket", "unix.rate", 5, lessIsMore: false);
Least("mail.oneway", "ring.rate", "M/s", 5, "64 bytes, each visible at once; receiver looks, then sleeps");
Least("mail.oneway.spinning", "ring.rate.spin", "M/s", 5, "receiver spins");
Against("mail.large", "ring.large", "GB/s", "memcpy", "copy", 0.5, lessIsMore: false);
if (series.ContainsKey("nats.rtt"))
{
    Against("mail.roundtrip.blocking.nats", "ring.rtt", "us", "nats-server", "nats.rtt", 2.5, lessIsMore: true);
    Against("mail.roundtrip.spinning.nats", "ring.rtt.spin", "us", "nats-server", "nats.rtt", 50, lessIsMore: true);
    Against("mail.oneway.nats", "ring.rate", "M/s", "nats-server", "nats.rate", 1.5, lessIsMore: false);
}

void Add(string name, double value)
{
    if (!series.TryGetValue(name, out var values))
        series[name] = values = [];
    values.Add(value);
}

void Least(string id, string name, string unit, double target, string note)
{
    var ours = Row.Median(series[name]);
    Row.Print(id, ours, unit, "target", target, ours / target, $">= {target} {unit}", ours >= target, note);
}

void Most(string id, string name, string unit, double target)
{
    var ours = Row.Median(series[name]);
    Row.Print(id, ours, unit, "target", target, target / ours, $"<= {target} {unit}", ours <= target, "64 bytes between two processes");
}

void Against(string id, string name, string unit, string rival, string rivalName, double target, bool lessIsMore)
{
    var (ours, theirs) = (Row.Median(series[name]), Row.Median(series[rivalName]));
    var ratio = lessIsMore ? theirs / ours : ours / theirs;
    Row.Print(id, ours, unit, rival, theirs, ratio, $">= {target}x", ratio >= target, "between two processes, medians of turns in one minute");
}
