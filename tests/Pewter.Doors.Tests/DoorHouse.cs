using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Pewter.Doors.Metrics;
using Pewter.Doors.NineDoors;
using Pewter.Doors.Tls;
using Pewter.Doors.Tokens;
using Pewter.NineP.Client;
using Pewter.NineP.Transport;
using Pewter.Store;
using Pewter.Testing;
using Pewter.Testing.Serving;

using OpenFlags = Pewter.NineP.Serving.OpenFlags;

namespace Pewter.Doors.Tests;

/// <summary>A small tree with everything that doors need, and clients for each door.</summary>
public sealed class DoorHouse : IAsyncDisposable
{
    public static readonly IPEndPoint FreePort = new(IPAddress.Loopback, 0);
    private readonly List<IAsyncDisposable> _owned = [];

    private DoorHouse()
    {
        Ctl = Root.Add("ctl", new MemoryCtl { Owner = "alice", Group = "lab" });
        Events = Root.Add("events", new MemoryEvents { Mode = 0x1B6 });
        Root.Add("status", new MemoryText("/ state=ready\n"));
        Root.Add("json", new MemoryText("{\"state\":\"ready\"}\n"));
        Root.Add("secret", new MemoryText("hidden\n") { Mode = 0x1A0, Owner = "alice", Group = "lab" });
        Root.Add("clone", new MemoryClone());
        var node = Root.Add("node", new MemoryDirectory());
        Node1 = node.Add("n1", new MemoryDirectory());
        Node1.Add("status", new MemoryText("/node/n1 state=ready\n"));
        Node1.Add("knob", new MemoryText("1\n") { Owner = "alice", Mode = 0x1A4 });
        Node1.Add("out", new MemoryLink("../../secret"));
        node.Add("n2", new MemoryDirectory()).Add("status", new MemoryText("/node/n2 state=ready\n"));
        node.Add("web", new MemoryLink("n1"));
    }

    public TemporaryDirectory Home { get; } = new();

    public MemoryDirectory Root { get; } = new();

    public MemoryDirectory Node1 { get; }

    public MemoryCtl Ctl { get; }

    public MemoryEvents Events { get; }

    public DoorContext Context { get; private set; } = null!;

    public List<Exception> Faults { get; } = [];

    public static async Task<DoorHouse> OpenAsync(TimeProvider? time = null, DoorLimits? limits = null)
    {
        time ??= TimeProvider.System;
        var house = new DoorHouse();
        await Shell.RunAsync($"chmod 755 {house.Home.Path}");
        var state = house.Own(await OpenStateAsync());
        house.Context = new DoorContext
        {
            Root = house.Root,
            Tokens = await TokenStore.OpenAsync(state, time),
            Authority = await CertificateAuthority.OpenAsync(state, time),
            Limits = limits ?? DoorLimits.Default,
            Time = time,
            OnFault = house.Faults.Add,
        };
        return house;
    }

    /// <summary>A daemon's state in memory, which the caller leads; on a disk, what was there before.</summary>
    public static async Task<StateStore> OpenStateAsync(MemoryDisk? disk = null)
    {
        var state = StateStore.OpenMemory(disk);
        await state.LeadAsync(CancellationToken.None);
        return state;
    }

    public NineDoor Open(DoorEndpoint endpoint) => Own(NineDoor.Open(endpoint, Context));

    public T Own<T>(T owned)
        where T : IAsyncDisposable
    {
        _owned.Add(owned);
        return owned;
    }

    public async Task<string> TokenAsync(
        string user, string[]? groups = null, bool isAdmin = false, bool isReadOnly = false, string prefix = "/", TimeSpan? life = null)
    {
        var request = new TokenRequest(user, life ?? TimeSpan.FromHours(1))
        {
            Groups = groups ?? [], IsAdmin = isAdmin, IsReadOnly = isReadOnly, PathPrefix = prefix,
        };
        return (await Context.Tokens.CreateAsync(request)).Secret.Reveal();
    }

    /// <summary>A client with a socket of the given kind to a door; a certificate makes it one of TLS.</summary>
    public async Task<DoorClient> ConnectAsync(NineDoor door, X509Certificate2? certificate = null)
    {
        Socket socket;
        if (door.LocalEndPoint is IPEndPoint)
            socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        else
            socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(door.LocalEndPoint);
        var transport = door.Name == "tls"
            ? NineTransport.FromStream(await SecureAsync(socket, certificate))
            : NineTransport.FromSocket(socket);
        try
        {
            return new DoorClient(await NineClient.ConnectAsync(transport).WaitAsync(TimeSpan.FromSeconds(10)), transport);
        }
        catch
        {
            await transport.DisposeAsync();
            throw;
        }
    }

    /// <summary>What Prometheus would be told of the doors.</summary>
    public string Scrape()
    {
        var text = new MetricsText();
        Context.Metrics.Write(text);
        return text.ToString();
    }

    public static X509Certificate2 Load(IssuedCertificate issued) =>
        X509Certificate2.CreateFromPem(issued.CertificatePem, issued.RevealKeyPem());

    public static async Task<string> ReadAsync(NineFile root, string path)
    {
        await using var file = await root.WalkAsync(path);
        await file.OpenAsync(OpenFlags.ReadOnly);
        var buffer = new byte[4096];
        return Encoding.UTF8.GetString(buffer, 0, await file.ReadAsync(0, buffer));
    }

    public static async Task WriteAsync(NineFile root, string path, string text)
    {
        await using var file = await root.WalkAsync(path);
        await file.OpenAsync(OpenFlags.WriteOnly);
        await file.WriteAsync(0, Encoding.UTF8.GetBytes(text));
    }

    public async ValueTask DisposeAsync()
    {
        for (var i = _owned.Count - 1; i >= 0; i--)
            await _owned[i].DisposeAsync();
        Context.Tokens.Dispose();
        Context.Authority!.Dispose();
        Home.Dispose();
        Assert.Empty(Faults);
    }

    private async Task<SslStream> SecureAsync(Socket socket, X509Certificate2? certificate)
    {
        using var trusted = X509Certificate2.CreateFromPem(Context.Authority!.CertificatePem);
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.Add(trusted);
        policy.VerificationTime = Context.Time.GetUtcNow().LocalDateTime;
        var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
        await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            CertificateChainPolicy = policy,
            ClientCertificateContext = certificate is null ? null : SslStreamCertificateContext.Create(certificate, null, offline: true),
        });
        return stream;
    }
}
