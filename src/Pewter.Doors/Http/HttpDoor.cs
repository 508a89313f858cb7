using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Pewter.Doors.NineDoors;
using Pewter.Doors.Tls;

namespace Pewter.Doors.Http;

/// <summary>
/// The HTTP door: Kestrel on Unix sockets and TCP, <c>/v1/tree/…</c>, <c>/openapi.json</c>, <c>/metrics</c>, <c>/healthz</c>, <c>/readyz</c>. Logs
/// nothing, since requests carry secrets; what matters is counted. Disposing it ends every request first.
/// </summary>
public sealed class HttpDoor : IAsyncDisposable
{
    private static readonly TimeSpan ShutdownPatience = TimeSpan.FromSeconds(2);

    private readonly WebApplication _application;
    private readonly CancellationTokenSource _closing;
    private int _disposed;

    private HttpDoor(WebApplication application, CancellationTokenSource closing, IReadOnlyList<Uri> addresses) =>
        (_application, _closing, Addresses) = (application, closing, addresses);

    /// <summary>Where it listens on TCP, with the ports that were taken.</summary>
    public IReadOnlyList<Uri> Addresses { get; }

    internal IEnumerable<Endpoint> Endpoints =>
        ((IEndpointRouteBuilder)_application).DataSources.SelectMany(source => source.Endpoints);

    /// <summary>Opens the door on every endpoint. An <see cref="IOException"/> says why it cannot listen there.</summary>
    public static async Task<HttpDoor> OpenAsync(IReadOnlyList<DoorEndpoint> endpoints, DoorContext context, HttpDoorOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(context);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRouting();
        // The daemon hears signals itself.
        builder.Services.AddSingleton<IHostLifetime, DoorLifetime>();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = ShutdownPatience);
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => Configure(kestrel, endpoints, context));
        var application = builder.Build();
        var closing = new CancellationTokenSource();
        new HttpRoutes(context, options ?? new HttpDoorOptions(), closing.Token).Map(application);
        try
        {
            await application.StartAsync();
        }
        catch
        {
            await application.DisposeAsync();
            closing.Dispose();
            throw;
        }

        foreach (var unix in endpoints.OfType<UnixEndpoint>())
        {
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(unix.Path, unix.Mode);
        }

        return new HttpDoor(application, closing, AddressesOf(application));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        await _closing.CancelAsync();
        await _application.StopAsync();
        await _application.DisposeAsync();
        _closing.Dispose();
    }

    private static void Configure(KestrelServerOptions kestrel, IReadOnlyList<DoorEndpoint> endpoints, DoorContext context)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxConcurrentConnections = context.Limits.HttpConnections;
        kestrel.Limits.MaxRequestBodySize = context.Limits.UploadBytes;
        kestrel.Limits.RequestHeadersTimeout = context.Limits.HandshakeTimeout;
        foreach (var endpoint in endpoints)
            Listen(kestrel, endpoint, context);
    }

    private static void Listen(KestrelServerOptions kestrel, DoorEndpoint endpoint, DoorContext context)
    {
        switch (endpoint)
        {
            case UnixEndpoint unix:
                Listening.ClearStale(unix.Path);
                kestrel.ListenUnixSocket(unix.Path);
                break;
            case LoopbackEndpoint loopback when IPAddress.IsLoopback(loopback.Address.Address):
                kestrel.Listen(loopback.Address);
                break;
            case TlsEndpoint tls:
                var identity = ServerIdentity.Of(tls, context);
                kestrel.Listen(tls.Address, listen => listen.UseHttps(new TlsHandshakeCallbackOptions
                {
                    OnConnection = _ => new(identity.Options()), HandshakeTimeout = context.Limits.HandshakeTimeout,
                }));
                break;
            default:
                throw new IOException($"{endpoint} is open to a network: use TLS there, plain TCP is for loopback addresses.");
        }
    }

    private static Uri[] AddressesOf(WebApplication application) =>
        [.. application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses
            .Where(address => !address.Contains("unix:", StringComparison.Ordinal)).Select(address => new Uri(address))];

    private sealed class DoorLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
