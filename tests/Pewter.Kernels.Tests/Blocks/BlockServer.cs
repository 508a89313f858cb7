using System.Net;
using Pewter.Blocks;
using Pewter.Blocks.Exports;
using Pewter.Blocks.Iscsi;
using Pewter.Blocks.Layers;
using Pewter.Blocks.Nbd;

namespace Pewter.Kernels.Tests.Blocks;

/// <summary>A store whose disks are served over NBD and iSCSI on loopback, where guests find it at 10.0.2.2. Can be stopped and started again.</summary>
internal sealed class BlockServer : IAsyncDisposable
{
    public const string Prefix = "iqn.2026-11.example.pewter";
    public const string Initiator = "iqn.2026-11.example.client:boot";
    public const string Secret = "guest-secret-42";
    private readonly string _folder = Directory.CreateTempSubdirectory($"pw-{Environment.ProcessId}-blocks-").FullName;
    private readonly Func<BlockDevice, BlockDevice> _wrap;
    private ExportTable? _exports;
    private NbdServer? _nbd;
    private IscsiServer? _iscsi;
    private IscsiExports? _targets;

    private BlockServer(Func<BlockDevice, BlockDevice>? wrap) => _wrap = wrap ?? (device => device);

    public LayerStore Store { get; private set; } = null!;

    public int NbdPort { get; private set; }

    public int IscsiPort { get; private set; }

    public static async Task<BlockServer> StartAsync(Func<BlockDevice, BlockDevice>? wrap = null)
    {
        var server = new BlockServer(wrap);
        server.Store = await LayerStore.OpenAsync(server._folder);
        server.Listen();
        return server;
    }

    public Export Serve(string disk) => _exports!.Add(disk, _wrap(Store.OpenDisk(disk)), Access);

    /// <summary>Ends the servers and the store, and starts them where they were.</summary>
    public async Task RestartAsync()
    {
        string[] served = [.. _exports!.All.Select(e => e.Name)];
        await StopAsync();
        Store = await LayerStore.OpenAsync(_folder);
        Listen();
        foreach (string disk in served)
            Serve(disk);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private static ExportAccess Access { get; } = new()
    {
        NbdNetworks = [IPNetwork.Parse("127.0.0.0/8")],
        Initiators = [new ExportInitiator(Initiator, "guest", Secret)],
    };

    private void Listen()
    {
        _exports = new ExportTable();
        _nbd = new NbdServer(_exports);
        NbdPort = ((IPEndPoint)_nbd.Listen(new IPEndPoint(IPAddress.Loopback, NbdPort))).Port;
        _iscsi = new IscsiServer();
        IscsiPort = _iscsi.Listen(new IPEndPoint(IPAddress.Loopback, IscsiPort)).Port;
        _targets = new IscsiExports(_iscsi, _exports, Prefix);
    }

    private async Task StopAsync()
    {
        await _targets!.DisposeAsync();
        await _iscsi!.DisposeAsync();
        await _nbd!.DisposeAsync();
        await _exports!.DisposeAsync();
        await Store.DisposeAsync();
    }
}
