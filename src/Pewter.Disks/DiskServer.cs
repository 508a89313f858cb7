using System.Net.Sockets;
using Pewter.Blocks;
using Pewter.Blocks.Exports;
using Pewter.Blocks.Iscsi;
using Pewter.Blocks.Layers;
using Pewter.Blocks.Nbd;

namespace Pewter.Disks;

/// <summary>
/// The data plane of disks: a store, every disk of it served over NBD and to its initiators over iSCSI. On start every disk is served again
/// under the same names, so clients reconnect. All members may be called at once; changes run one at a time behind the gate.
/// </summary>
/// <remarks>Shutdown order: NBD and iSCSI end their sessions, exports close their disks, the store closes.</remarks>
public sealed class DiskServer : IAsyncDisposable
{
    // How long a start waits for a Ceph pool before it serves without the disks there, and how often it looks for the pool afterwards.
    private static readonly TimeSpan PoolPatience = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan PoolPeriod = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _gate = new(1);
    private readonly ExportTable _exports = new();
    private readonly AccessFile _accessFile;
    private readonly InitiatorKey? _initiators;
    private readonly Dictionary<string, DiskAccess> _access;
    private readonly NbdServer _nbd;
    private readonly IscsiServer _iscsi;
    private readonly IscsiExports _targets;
    private readonly SegmentDoors _doors;
    private readonly CancellationTokenSource _stopping = new();
    private Task _adopting = Task.CompletedTask;
    private Task _reaching = Task.CompletedTask;

    private DiskServer(DiskServerConfig config, LayerStore store, TimeProvider time)
    {
        Config = config;
        Store = store;
        Time = time;
        Heat = new BootHeat(store, time);
        Rbd = new RbdShelf(config.Rbd, config.Store, store);
        _accessFile = new AccessFile(Path.Join(config.Store, "access.json"));
        _access = _accessFile.Load();
        _initiators = config.InitiatorKey is { } key ? InitiatorKey.Open(key, config.IscsiPrefix) : null;
        _nbd = new NbdServer(_exports, new NbdServerOptions
        {
            Tls = config.NbdTls, TcpNeedsTls = config.NbdTls is not null, Report = config.Report, Time = time,
        });
        _iscsi = new IscsiServer(null, time);
        _iscsi.Happened += (_, e) => config.Report?.Invoke($"iscsi: {e}");
        _targets = new IscsiExports(_iscsi, _exports, config.IscsiPrefix);
        _doors = new SegmentDoors(_nbd, _iscsi, config.Report);
        Tree = new DiskTree(this);
    }

    /// <summary>The subtree: <c>/disk</c> and <c>/layer</c>.</summary>
    public DiskTree Tree { get; }

    internal DiskServerConfig Config { get; }

    internal LayerStore Store { get; }

    internal TimeProvider Time { get; }

    internal ImportProgress Imports { get; } = new();

    internal BootHeat Heat { get; }

    /// <summary>Disks in a Ceph pool.</summary>
    internal RbdShelf Rbd { get; }

    /// <summary>Opens the store, serves every disk and listens.</summary>
    public static async ValueTask<DiskServer> StartAsync(DiskServerConfig config, TimeProvider time, CancellationToken cancellation)
    {
        LayerStore store = await LayerStore.OpenAsync(config.Store, time);
        var server = new DiskServer(config, store, time);
        try
        {
            await server.ServeAllAsync(cancellation);
            server.Listen();
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }

        return server;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _adopting;
        await _reaching;
        await Heat.DisposeAsync();
        await Tree.DisposeAsync();
        await _nbd.DisposeAsync();
        await _targets.DisposeAsync();
        await _iscsi.DisposeAsync();
        await _exports.DisposeAsync();
        await Rbd.DisposeAsync();
        await Store.DisposeAsync();
        _gate.Dispose();
        _stopping.Dispose();
    }

    internal DiskAccess AccessOf(string disk)
    {
        lock (_access)
            return _access.GetValueOrDefault(disk) ?? DiskAccess.Local;
    }

    /// <summary>Runs one change of a disk, its failures as the tree's.</summary>
    internal async ValueTask<T> ChangeAsync<T>(Func<ValueTask<T>> change, CancellationToken cancellation)
    {
        await _gate.WaitAsync(cancellation);
        try
        {
            return await TreeFailure.TranslateAsync(change);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Serves disks that were just made. The caller holds the gate.</summary>
    internal async ValueTask ServeAsync(IEnumerable<DiskInfo> disks)
    {
        foreach (DiskInfo info in disks)
        {
            var disk = new ServedDisk(info);
            await OpenAsync(disk);
            Tree.Add(disk);
        }
    }

    /// <summary>Opens a disk and exports it under its id. The caller holds the gate.</summary>
    internal async ValueTask OpenAsync(ServedDisk disk)
    {
        try
        {
            BlockDevice device = Rbd.Has(disk.Id) ? await Rbd.OpenAsync(disk.Id, _stopping.Token) : Store.OpenDisk(disk.Id);
            disk.Export = _exports.Add(disk.Id, device, ToExport(disk.Id, AccessOf(disk.Id)), disk.Info.Name ?? "");
            disk.Fault = null;
        }
        catch (BlockException e)
        {
            disk.Fault = e.Message;
            Config.Report?.Invoke($"{disk.Id}: {e.Message}");
        }
    }

    /// <summary>Ends a disk's sessions and closes it. The caller holds the gate.</summary>
    internal async ValueTask CloseAsync(ServedDisk disk)
    {
        Heat.Learn(disk);
        await _exports.RemoveAsync(disk.Id);
        disk.Export = null;
    }

    /// <summary>
    /// Changes who may use a disk, durably. Sessions that are there go on. EINVAL, and nothing is changed, when an initiator's name or secret
    /// cannot be. The caller holds the gate.
    /// </summary>
    internal void Grant(ServedDisk disk, DiskAccess? access)
    {
        if (disk.Export is { } export && access is not null)
            Apply(disk, export, access);
        lock (_access)
        {
            // Most disks were never granted anything, and their release costs no write.
            if (access is null && !_access.Remove(disk.Id))
                return;
            if (access is not null)
                _access[disk.Id] = access;
            _accessFile.Save(_access);
            _doors.Keep(_access.Values.SelectMany(each => each.Hosts));
        }
    }

    /// <summary>The name, user and secret of a disk's own initiator, a line each; nothing without a key.</summary>
    internal string OwnInitiator(string disk) =>
        _initiators?.Of(disk) is { } own ? $"initiator={own.Name}\nuser={own.User}\nsecret={own.Secret}" : "";

    /// <summary>Freezes what a disk holds as a layer, wherever its blocks are. The caller holds the gate.</summary>
    internal async ValueTask<LayerInfo> FreezeAsync(ServedDisk disk, string? name, CancellationToken cancellation)
    {
        if (Rbd.Has(disk.Id))
        {
            if (disk.Export is { } export)
                await export.Device.FlushAsync(cancellation);
            await Rbd.FreezeAsync(Store.Disk(disk.Id), cancellation);
        }

        LayerInfo layer = await Store.SnapshotAsync(disk.Id, name, cancellation);
        Tree.Add(layer);
        disk.Info = Store.Disk(disk.Id);
        return layer;
    }

    /// <summary>Opens a layer to read, wherever its blocks are.</summary>
    internal async ValueTask<BlockDevice> OpenLayerAsync(string layer, CancellationToken cancellation) =>
        Rbd.HasLayer(Store.Layer(layer).Id) ? await Rbd.OpenLayerAsync(Store.Layer(layer).Id, cancellation) : Store.OpenLayer(layer);

    /// <summary>
    /// Removes from the Ceph pool what a change has left there; what cannot be removed now goes at the next. The caller holds the gate.
    /// </summary>
    internal async ValueTask SweepPoolAsync()
    {
        try
        {
            await Rbd.SweepAsync(CancellationToken.None);
        }
        catch (BlockException e)
        {
            Config.Report?.Invoke($"Ceph: {e.Message}");
        }
    }

    internal string TargetOf(string disk) => _targets.TargetName(disk);

    /// <summary>What is granted, and the disk's own initiator where there is a key for those.</summary>
    private ExportAccess ToExport(string disk, DiskAccess access)
    {
        ExportAccess export = access.ToExport();
        return _initiators is null ? export : export with { Initiators = [_initiators.Of(disk), .. export.Initiators] };
    }

    private void Apply(ServedDisk disk, Export export, DiskAccess access)
    {
        ExportAccess before = export.Access;
        export.Access = ToExport(disk.Id, access);
        if (_targets.Problems.FirstOrDefault(p => p.Contains($"'{TargetOf(disk.Id)}'", StringComparison.Ordinal)) is not { } problem)
            return;
        export.Access = before;
        throw new BlockException(BlockErrno.EINVAL, problem);
    }

    private async ValueTask ServeAllAsync(CancellationToken cancellation)
    {
        await _gate.WaitAsync(cancellation);
        try
        {
            foreach (LayerInfo layer in Store.Layers)
                Tree.Add(new ServedLayer(layer));
            ILookup<bool, DiskInfo> disks = Store.Disks.Where(d => d.Import is null).ToLookup(d => Rbd.Has(d.Id));
            await ServeAsync(disks[false]);
            ServedDisk[] far = [.. disks[true].Select(d => new ServedDisk(d) { Fault = "Its Ceph pool has not been reached yet." })];
            Array.ForEach(far, Tree.Add);
            _reaching = ReachAsync(far);
        }
        finally
        {
            _gate.Release();
        }

        _adopting = AdoptAsync();
        await Task.WhenAny(_reaching, Task.Delay(PoolPatience, Time, cancellation));
    }

    // A pool that does not answer holds up no other disk; its own are served when it is there again.
    private async Task ReachAsync(IReadOnlyList<ServedDisk> disks)
    {
        try
        {
            while (!await TryReachAsync(disks))
                await Task.Delay(PoolPeriod, Time, _stopping.Token);
        }
        catch (OperationCanceledException)
        {
            // The server ends.
        }
    }

    private async ValueTask<bool> TryReachAsync(IReadOnlyList<ServedDisk> disks)
    {
        await _gate.WaitAsync(_stopping.Token);
        try
        {
            await Rbd.SweepAsync(_stopping.Token);
            foreach (ServedDisk disk in disks.Where(d => d.Export is null && Rbd.Has(d.Id)))
            {
                disk.Info = Store.Disk(disk.Id);
                await OpenAsync(disk);
            }

            return true;
        }
        catch (BlockException e)
        {
            foreach (ServedDisk disk in disks)
                disk.Fault = e.Message;
            Config.Report?.Invoke($"Ceph: {e.Message}");
            return false;
        }
        finally
        {
            _gate.Release();
        }
    }

    // Checksums that a crash took are computed again beside the clients.
    private async Task AdoptAsync()
    {
        try
        {
            await Store.AdoptChecksumsAsync(_stopping.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or BlockException)
        {
            if (e is BlockException)
                Config.Report?.Invoke($"checksums: {e.Message}");
        }
    }

    private void Listen()
    {
        if (Config.NbdSocket is { } path)
        {
            // The store's lock is held, so whoever left the socket is gone.
            File.Delete(path);
            _nbd.Listen(new UnixDomainSocketEndPoint(path));
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite);
        }

        if (Config.NbdAddress is { } address)
            _nbd.Listen(address);
        if (Config.IscsiPortal is { } portal)
            _iscsi.Listen(portal);
        lock (_access)
            _doors.Keep(_access.Values.SelectMany(each => each.Hosts));
    }
}
