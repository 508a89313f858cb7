using System.Net.Sockets;

namespace Pewter.Mail.Tests.Hub;

/// <summary>
/// A node of a test: a hub at a socket of its own, and offices that belong to it as if each were a process.
/// </summary>
internal sealed class Machine : IAsyncDisposable
{
    private readonly List<PostOffice> _offices = [];
    private readonly MailHubOptions _options;

    internal Machine(ulong node = 0, Func<uint, uint, string?>? tenant = null)
    {
        Path = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"pw-mail-{Environment.ProcessId}-{Guid.NewGuid().ToString("n")[..8]}.sock");
        var number = node != 0 ? node : new MailHubOptions().Node;
        _options = new MailHubOptions { Node = number, Tenant = tenant ?? ((_, _) => "") };
        Hub = Start();
    }

    internal string Path { get; }

    internal MailHub Hub { get; private set; }

    internal async Task<PostOffice> OfficeAsync()
    {
        var office = await PostOffice.AttachAsync(Path);
        _offices.Add(office);
        return office;
    }

    /// <summary>The hub dies, and another takes its place.</summary>
    internal async Task RestartAsync()
    {
        await Hub.DisposeAsync();
        Hub = Start();
    }

    /// <summary>A cable to another machine; disposing it is cutting it.</summary>
    internal Cable Connect(Machine other)
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0));
        listener.Listen();
        var one = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        one.Connect(listener.LocalEndPoint!);
        var cable = new Cable(new NetworkStream(one, true), new NetworkStream(listener.Accept(), true));
        cable.Ends = Task.WhenAll(Hub.TrunkAsync(cable.One, "other"), other.Hub.TrunkAsync(cable.Other, "one"));
        return cable;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var office in _offices)
            await office.DisposeAsync();
        await Hub.DisposeAsync();
        File.Delete(Path);
    }

    private MailHub Start()
    {
        var hub = new MailHub(_options);
        hub.Listen(Path);
        return hub;
    }

    internal sealed class Cable(Stream one, Stream other) : IAsyncDisposable
    {
        internal Stream One => one;

        internal Stream Other => other;

        internal Task Ends { get; set; } = Task.CompletedTask;

        public async ValueTask DisposeAsync()
        {
            await one.DisposeAsync();
            await other.DisposeAsync();
            await Ends;
        }
    }
}
