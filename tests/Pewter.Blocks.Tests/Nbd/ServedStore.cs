using System.Net;
using System.Net.Sockets;
using Pewter.Blocks.Exports;
using Pewter.Blocks.Layers;
using Pewter.Blocks.Nbd;
using Pewter.Blocks.Tests.Layers;

namespace Pewter.Blocks.Tests.Nbd;

/// <summary>A store served over NBD on a Unix socket and on loopback.</summary>
public sealed class ServedStore : IAsyncDisposable
{
    private readonly TemporaryStore _store;

    private ServedStore(TemporaryStore store, NbdServerOptions? options)
    {
        _store = store;
        Exports = new ExportTable();
        Server = new NbdServer(Exports, options);
        Socket = Path.Join(store.Path, "nbd.sock");
        Server.Listen(new UnixDomainSocketEndPoint(Socket));
        Tcp = (IPEndPoint)Server.Listen(new IPEndPoint(IPAddress.Loopback, 0));
    }

    public LayerStore Store => _store.Store;

    public string StorePath => _store.Path;

    public ExportTable Exports { get; }

    public NbdServer Server { get; }

    public string Socket { get; }

    public IPEndPoint Tcp { get; }

    public static ExportAccess Loopback { get; } = new() { NbdNetworks = [IPNetwork.Parse("127.0.0.0/8")] };

    public static async Task<ServedStore> StartAsync(NbdServerOptions? options = null) => new(await TemporaryStore.OpenAsync(), options);

    public async Task<LayeredDevice> ExportNewAsync(string name, long length)
    {
        DiskInfo disk = await Store.CreateDiskAsync(length, name);
        LayeredDevice device = Store.OpenDisk(disk.Id);
        Exports.Add(name, device, Loopback);
        return device;
    }

    public string Uri(string name) => $"nbd+unix:///{name}?socket={Socket}";

    public string TcpUri(string name) => $"nbd://127.0.0.1:{Tcp.Port}/{name}";

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        await Exports.DisposeAsync();
        await _store.DisposeAsync();
    }
}
