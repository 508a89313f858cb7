using System.Globalization;
using System.Text;
using Pewter.Blocks.Rbd.Native;

namespace Pewter.Blocks.Rbd;

/// <summary>
/// A connection to one pool of a Ceph cluster: makes, lists, clones and removes images and opens them as
/// <see cref="RbdDevice"/>s. All members may be called at once. Administrative calls of librbd block, so they run on
/// the thread pool; once begun they run to their end. Dispose after the devices. Failures are
/// <see cref="BlockException"/>s: ENOENT, EEXIST, EBUSY, EIO.
/// </summary>
public sealed class RbdCluster : IAsyncDisposable
{
    private readonly RbdConfig _config;
    private nint _cluster;
    private nint _pool;

    private RbdCluster(RbdConfig config) => _config = config;

    /// <summary>
    /// Connects; fails with EIO when the cluster does not answer within <see cref="RbdConfig.Timeout"/>.
    /// </summary>
    public static async Task<RbdCluster> ConnectAsync(RbdConfig config, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(config);
        var cluster = new RbdCluster(config);
        try
        {
            await Task.Run(cluster.Connect, cancellation);
            return cluster;
        }
        catch (BlockException)
        {
            await cluster.DisposeAsync();
            throw;
        }
        catch (DllNotFoundException missing)
        {
            throw new BlockException(BlockErrno.ENOTSUP, "librados2 and librbd1 are not installed; they are needed for Ceph disks.", missing);
        }
    }

    /// <summary>The names of the pool's images.</summary>
    public Task<IReadOnlyList<string>> ListAsync(CancellationToken cancellation) => Task.Run(List, cancellation);

    /// <summary>Makes an empty image.</summary>
    public Task CreateAsync(string name, long length, CancellationToken cancellation) => Task.Run(
        () =>
        {
            int order = 0;
            RbdErrors.Check(Librbd.Create(_pool, name, (ulong)length, ref order), $"Creating {Named(name)}");
        },
        cancellation);

    /// <summary>Removes an image; EBUSY while it is open somewhere or has snapshots.</summary>
    public Task RemoveAsync(string name, CancellationToken cancellation) =>
        Task.Run(() => RbdErrors.Check(Librbd.Remove(_pool, name), $"Removing {Named(name)}"), cancellation);

    /// <summary>Freezes an image's present content under a name.</summary>
    public Task SnapshotAsync(string image, string snapshot, CancellationToken cancellation) =>
        WithImage(image, handle => Librbd.CreateSnapshot(handle, snapshot), $"Making snapshot {snapshot} of {Named(image)}", cancellation);

    /// <summary>Removes a snapshot; EBUSY while it is protected.</summary>
    public Task RemoveSnapshotAsync(string image, string snapshot, CancellationToken cancellation) =>
        WithImage(image, handle => Librbd.RemoveSnapshot(handle, snapshot), $"Removing snapshot {snapshot} of {Named(image)}", cancellation);

    /// <summary>Makes a snapshot one that can be cloned and not removed.</summary>
    public Task ProtectAsync(string image, string snapshot, CancellationToken cancellation) =>
        WithImage(image, handle => Librbd.Protect(handle, snapshot), $"Protecting snapshot {snapshot} of {Named(image)}", cancellation);

    /// <summary>Undoes <see cref="ProtectAsync"/>; EBUSY while clones stand on the snapshot.</summary>
    public Task UnprotectAsync(string image, string snapshot, CancellationToken cancellation) =>
        WithImage(image, handle => Librbd.Unprotect(handle, snapshot), $"Unprotecting snapshot {snapshot} of {Named(image)}", cancellation);

    /// <summary>Sets an image back to a snapshot; nobody may have it open.</summary>
    public Task RollBackAsync(string image, string snapshot, CancellationToken cancellation) =>
        WithImage(image, handle => Librbd.RollBack(handle, snapshot), $"Rolling {Named(image)} back to {snapshot}", cancellation);

    /// <summary>Copies into a clone all that it still reads from its parent, so that it stands alone.</summary>
    public Task FlattenAsync(string image, CancellationToken cancellation) =>
        WithImage(image, Librbd.Flatten, $"Flattening {Named(image)}", cancellation);

    /// <summary>Changes an image's length; devices that have it open hear of it.</summary>
    public Task ResizeAsync(string image, long length, CancellationToken cancellation) =>
        WithImage(image, handle => Librbd.Resize(handle, (ulong)length), $"Resizing {Named(image)}", cancellation);

    /// <summary>Makes a copy-on-write clone of a protected snapshot, whatever its size in one step.</summary>
    public Task CloneAsync(string parent, string snapshot, string name, CancellationToken cancellation) => Task.Run(
        () =>
        {
            nint handle = OpenHandle(parent, snapshot, readOnly: true);
            try
            {
                RbdErrors.Check(Librbd.GetFeatures(handle, out ulong features), $"Reading the features of {Named(parent)}");
                int order = 0;
                int result = Librbd.Clone(_pool, parent, snapshot, _pool, name, features, ref order);
                RbdErrors.Check(result, $"Cloning {Named(parent)}@{snapshot} to {Named(name)}");
            }
            finally
            {
                _ = Librbd.Close(handle);
            }
        },
        cancellation);

    /// <summary>Opens an image, or one of its snapshots, which are read-only.</summary>
    public Task<RbdDevice> OpenAsync(string name, string? snapshot, CancellationToken cancellation) => Task.Run(
        () =>
        {
            bool readOnly = snapshot is not null;
            return new RbdDevice(OpenHandle(name, snapshot, readOnly), readOnly, Named(name));
        },
        cancellation);

    /// <summary>
    /// Makes an image of what a stream holds, sparse where it holds zeroes. Nothing is left of it when the stream ends
    /// early or fails.
    /// </summary>
    public async Task ImportAsync(string name, Stream source, long length, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(source);
        await CreateAsync(name, length, cancellation);
        bool whole = false;
        try
        {
            await using RbdDevice device = await OpenAsync(name, snapshot: null, cancellation);
            await RbdImport.CopyAsync(source, device, length, cancellation);
            whole = true;
        }
        finally
        {
            if (!whole)
                await RemoveAsync(name, CancellationToken.None);
        }
    }

    /// <summary>Ends the connection.</summary>
    public async ValueTask DisposeAsync() => await Task.Run(Disconnect);

    private void Connect()
    {
        RbdErrors.Check(Rados.Create(out _cluster, "ceph", _config.User, 0), $"Preparing {_config}");
        RbdErrors.Check(Rados.ReadConfiguration(_cluster, _config.ConfigurationFile), $"Reading {_config.ConfigurationFile}");
        string seconds = ((int)Math.Max(1, _config.Timeout.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        Set("client_mount_timeout", seconds);
        Set("rados_mon_op_timeout", seconds);
        Set("rados_osd_op_timeout", seconds);
        // Without this librbd leaves discards below 64 KiB undone, and a disk of 4 KiB blocks would not shrink.
        Set("rbd_discard_granularity_bytes", "4096");
        if (_config.Keyring is { } keyring)
            Set("keyring", keyring);
        foreach ((string option, string value) in _config.Options)
            Set(option, value);
        RbdErrors.Check(Rados.Connect(_cluster), $"Connecting {_config}");
        RbdErrors.Check(Rados.OpenPool(_cluster, _config.Pool, out _pool), $"Opening {_config}");
    }

    private void Set(string option, string value) =>
        RbdErrors.Check(Rados.SetOption(_cluster, option, value), $"Setting the Ceph option {option}");

    private void Disconnect()
    {
        nint pool = Interlocked.Exchange(ref _pool, 0);
        if (pool != 0)
            Rados.ClosePool(pool);
        nint cluster = Interlocked.Exchange(ref _cluster, 0);
        if (cluster != 0)
            Rados.Shutdown(cluster);
    }

    private Task WithImage(string image, Func<nint, int> act, string what, CancellationToken cancellation) => Task.Run(
        () =>
        {
            nint handle = OpenHandle(image, snapshot: null, readOnly: false);
            try
            {
                RbdErrors.Check(act(handle), what);
            }
            finally
            {
                _ = Librbd.Close(handle);
            }
        },
        cancellation);

    private nint OpenHandle(string name, string? snapshot, bool readOnly)
    {
        nint image;
        int result = readOnly
            ? Librbd.OpenReadOnly(_pool, name, out image, snapshot)
            : Librbd.Open(_pool, name, out image, snapshot);
        RbdErrors.Check(result, snapshot is null ? $"Opening {Named(name)}" : $"Opening {Named(name)}@{snapshot}");
        return image;
    }

    private unsafe IReadOnlyList<string> List()
    {
        const int TooSmall = -34;
        nuint size = 4096;
        while (true)
        {
            byte[] names = new byte[size];
            int result;
            fixed (byte* at = names)
                result = Librbd.List(_pool, at, ref size);
            if (result == TooSmall)
                continue;
            int length = (int)RbdErrors.Check(result, $"Listing pool {_config.Pool}");
            return Encoding.UTF8.GetString(names, 0, length).Split('\0', StringSplitOptions.RemoveEmptyEntries);
        }
    }

    private string Named(string image) => $"rbd {_config.Pool}/{image}";
}
