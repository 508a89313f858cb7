using System.Globalization;
using System.Net;
using Pewter.Configuration;
using Pewter.Doors;
using Pewter.Hosting.Logging;

namespace Pewter.Daemon;

/// <summary>What a daemon runs with: the configuration, checked. Immutable.</summary>
internal sealed record DaemonModel
{
    private const int NinePort = 564;
    private const string SqliteStore = "sqlite";

    public required PewterPaths Paths { get; init; }

    public required string Name { get; init; }

    public required string Socket { get; init; }

    public required IReadOnlyList<DoorEndpoint> Listen { get; init; }

    public required string? PostgresConnection { get; init; }

    public required string? LogFile { get; init; }

    public required LogLevel LogLevel { get; init; }

    public required long EventsKept { get; init; }

    public required TimeSpan StopGrace { get; init; }

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
            Listen = [.. settings.List("listen").Select(text => Endpoint(text, settings, errors)).OfType<DoorEndpoint>()],
            PostgresConnection = settings.Text("store") is { } store and not SqliteStore ? store : null,
            LogFile = settings.Text("log.file"),
            LogLevel = Enum.Parse<LogLevel>(settings.Text("log.level") ?? "info", ignoreCase: true),
            EventsKept = settings.Number("events.keep", new Store.StoreLimits().EventsKept),
            StopGrace = settings.Duration("stop.grace", TimeSpan.FromSeconds(10)),
        };
        return errors.Count == 0 ? model : throw new ConfigurationException(errors);
    }

    private static DoorEndpoint? Endpoint(string text, Settings settings, List<ConfigurationError> errors)
    {
        if (Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "tcp" or "tls" && Address(uri) is { } address)
        {
            return uri.Scheme == "tls" ? new TlsEndpoint(address) : new LoopbackEndpoint(address);
        }

        var sentence = $"'{text}' is no address to listen on; write tls://IP:PORT, or tcp://127.0.0.1:PORT.";
        errors.Add(new ConfigurationError(settings.LocationOf("listen")!.Value, sentence));
        return null;
    }

    private static IPEndPoint? Address(Uri uri)
    {
        var port = uri.Port >= 0 ? uri.Port : NinePort;
        return uri.Host == "localhost" ? new IPEndPoint(IPAddress.Loopback, port)
            : IPEndPoint.TryParse(string.Create(CultureInfo.InvariantCulture, $"{uri.Host}:{port}"), out var address) ? address
            : null;
    }
}
