using System.Globalization;
using System.Net;
using Pewter.Configuration;
using Pewter.Doors;
using Pewter.Execution;
using Pewter.Hosting.Logging;
using Pewter.Images;
using Pewter.Machines.Nodes;
using Pewter.Peers;

namespace Pewter.Daemon;

/// <summary>What a daemon runs with: the configuration, checked. Immutable.</summary>
internal sealed record DaemonModel
{
    private const int NinePort = 564;

    public required PewterPaths Paths { get; init; }

    public required string Name { get; init; }

    public required string Socket { get; init; }

    /// <summary>Where 9P is served beside the Unix socket.</summary>
    public required IReadOnlyList<DoorEndpoint> Listen { get; init; }

    /// <summary>Where HTTP is served.</summary>
    public required IReadOnlyList<DoorEndpoint> Http { get; init; }

    public required string? PostgresConnection { get; init; }

    public required string? LogFile { get; init; }

    public required LogLevel LogLevel { get; init; }

    public required long EventsKept { get; init; }

    public required TimeSpan StopGrace { get; init; }

    public required PeerOptions Peers { get; init; }

    public required ImageServiceOptions Images { get; init; }

    public required ExecutionLimits Execution { get; init; }

    public required NodeLimits Nodes { get; init; }

    /// <summary>The nodes of RabbitMQ for durable mailboxes; none: the own store.</summary>
    public required IReadOnlyList<Uri> MailBroker { get; init; }

    /// <summary>Where other machines' hubs connect for mail.</summary>
    public required IReadOnlyList<IPEndPoint> MailListen { get; init; }

    /// <summary>Checks the settings.</summary>
    /// <exception cref="ConfigurationException">All that is wrong with them.</exception>
    public static DaemonModel From(DaemonConfig config)
    {
        var settings = config.Loader.Load();
        var paths = config.Paths.WithState(settings.Text("state"));
        var errors = new List<ConfigurationError>();
        var model = new DaemonModel
        {
            Paths = paths,
            Name = settings.Text("name") ?? Environment.MachineName,
            Socket = settings.Text("socket") ?? paths.Socket,
            Listen = [.. Endpoints(settings, "listen", "tcp", "tls", errors)],
            Http = [new UnixEndpoint(paths.HttpSocket), .. Endpoints(settings, "http", "http", "https", errors)],
            PostgresConnection = DaemonStore.Connection(settings),
            LogFile = settings.Text("log.file"),
            LogLevel = Enum.Parse<LogLevel>(settings.Text("log.level") ?? "info", ignoreCase: true),
            EventsKept = settings.Number("events.keep", new Store.StoreLimits().EventsKept),
            Execution = Execute(settings),
            Nodes = new NodeLimits { NodesOfUser = (int)settings.Number("user.nodes", new NodeLimits().NodesOfUser) },
            MailBroker = settings.Text("mail.rabbitmq") is { } broker ? [.. Broker(settings, broker, errors)] : [],
            MailListen = MailAddresses(settings, errors),
            StopGrace = settings.Duration("stop.grace", TimeSpan.FromSeconds(10)),
            Peers = new PeerOptions
            {
                Version = DaemonHost.Version,
                Ttl = settings.Duration("peer.ttl", new PeerOptions().Ttl),
                Join = settings.Text("join") is { } parent ? Join(settings, parent, errors) : null,
            },
            Images = new ImageServiceOptions
            {
                Nbd = DiskAddress(settings, "disk.nbd", errors),
                NbdTls = settings.Text("disk.nbd.tls"),
                Iscsi = DiskAddress(settings, "disk.iscsi", errors),
                Rbd = settings.Text("disk.rbd"),
                QuotaBytes = settings.Text("disk.quota") is { } quota ? Quota(settings, quota, errors) : null,
            },
        };
        return errors.Count == 0 ? model : throw new ConfigurationException(errors);
    }

    private static ExecutionLimits Execute(Settings settings)
    {
        var limits = new ExecutionLimits();
        return limits with
        {
            NodeLease = settings.Duration("run.lease", limits.NodeLease),
            ProcessesPerUser = (int)settings.Number("user.processes", limits.ProcessesPerUser),
            MemoryPerUser = settings.Text("user.memory") is null ? null : settings.Number("user.memory", 0),
        };
    }

    private static List<IPEndPoint> MailAddresses(Settings settings, List<ConfigurationError> errors)
    {
        var texts = settings.List("mail.listen");
        if (texts.Count == 0)
        {
            return [.. Endpoints(settings, "listen", "tcp", "tls", []).OfType<TlsEndpoint>().Select(door => new IPEndPoint(door.Address.Address, 0))];
        }

        var addresses = new List<IPEndPoint>();
        foreach (var text in texts.Where(text => text != "none"))
        {
            if (IPEndPoint.TryParse(text, out var address))
            {
                addresses.Add(address);
            }
            else
            {
                errors.Add(new ConfigurationError(
                    settings.LocationOf("mail.listen")!.Value, $"'{text}' is no address to take mail at; write an IP address and a port, or none."));
            }
        }

        return addresses;
    }

    private static IEnumerable<Uri> Broker(Settings settings, string text, List<ConfigurationError> errors)
    {
        foreach (var node in text.Split(',', StringSplitOptions.TrimEntries))
        {
            if (Uri.TryCreate(node, UriKind.Absolute, out var address) && address.Scheme is "amqp" or "amqps")
            {
                yield return address;
                continue;
            }

            errors.Add(new ConfigurationError(
                settings.LocationOf("mail.rabbitmq")!.Value, "mail.rabbitmq is written amqp://USER:PASSWORD@HOST:PORT, several nodes with commas."));
        }
    }

    private static JoinOptions? Join(Settings settings, string parent, List<ConfigurationError> errors)
    {
        if (JoinTarget.TryParse(parent, out var sentence) is not { } target)
        {
            errors.Add(new ConfigurationError(settings.LocationOf("join")!.Value, sentence));
            return null;
        }

        return new JoinOptions(target)
        {
            Token = settings.Text("join.token"),
            AuthorityFile = settings.Text("join.ca"),
            CertificateFile = settings.Text("join.cert"),
            KeyFile = settings.Text("join.key"),
            Trust = Enum.Parse<PeerTrust>(settings.Text("join.trust") ?? nameof(PeerTrust.Users), ignoreCase: true),
            ShowsParent = settings.Switch("join.show"),
        };
    }

    private static string? DiskAddress(Settings settings, string key, List<ConfigurationError> errors)
    {
        if (settings.Text(key) is { } text && !(IPEndPoint.TryParse(text, out var endpoint) && endpoint.Port > 0))
        {
            var sentence = $"'{text}' is no address to serve disks at; write an IP address and a port, such as 10.0.0.1:3260.";
            errors.Add(new ConfigurationError(settings.LocationOf(key)!.Value, sentence));
        }

        return settings.Text(key);
    }

    private static long? Quota(Settings settings, string text, List<ConfigurationError> errors)
    {
        if (!Tree.Quantity.TryParseSize(text, out var bytes))
        {
            errors.Add(new ConfigurationError(settings.LocationOf("disk.quota")!.Value, $"'{text}' is no size; write one such as 500G or 2Ti."));
        }

        return bytes;
    }

    private static IEnumerable<DoorEndpoint> Endpoints(
        Settings settings, string key, string plain, string secure, List<ConfigurationError> errors)
    {
        foreach (var text in settings.List(key))
        {
            if (text.StartsWith("unix:", StringComparison.Ordinal))
            {
                yield return new UnixEndpoint(text[5..]);
            }
            else if (Uri.TryCreate(text, UriKind.Absolute, out var uri) && Address(uri) is { } address
                && (uri.Scheme == plain || uri.Scheme == secure))
            {
                yield return uri.Scheme == secure ? new TlsEndpoint(address) : new LoopbackEndpoint(address);
            }
            else
            {
                var sentence = $"'{text}' is no address to listen on; write {secure}://IP:PORT, or {plain}://127.0.0.1:PORT, or unix:PATH.";
                errors.Add(new ConfigurationError(settings.LocationOf(key)!.Value, sentence));
            }
        }
    }

    private static IPEndPoint? Address(Uri uri)
    {
        var port = uri.Port >= 0 ? uri.Port : NinePort;
        return uri.Host == "localhost" ? new IPEndPoint(IPAddress.Loopback, port)
            : IPEndPoint.TryParse(string.Create(CultureInfo.InvariantCulture, $"{uri.Host}:{port}"), out var address) ? address
            : null;
    }
}
