using Pewter.Linux.Fuse;
using Pewter.Linux.Mounts;
using Pewter.NineP.Serving;

namespace Pewter.Fuse;

/// <summary>
/// A tree mounted on a directory of this machine, so that every program can use it: the raw protocol of /dev/fuse, without libfuse. Root
/// mounts directly, anybody else by fusermount3. Ends by <see cref="DisposeAsync"/> or by anybody's <c>umount</c>; when the process is
/// killed, a watcher beside it unmounts, and when that is killed too, <see cref="LeftOvers"/> finds the dead mount.
/// </summary>
public sealed class FuseMount : IAsyncDisposable
{
    private readonly FuseDevice _device;
    private readonly FuseSession _session;

    private FuseMount(FuseDevice device, FuseSession session)
    {
        (_device, _session) = (device, session);
        Completion = CompleteAsync(session.RunAsync());
    }

    /// <summary>The absolute path that the tree is mounted on.</summary>
    public string Directory => _device.Directory;

    /// <summary>Done when the mount is gone and every open has ended.</summary>
    public Task Completion { get; }

    internal FuseDispatcher Dispatcher => _session.Dispatcher;

    /// <summary>Mounts a tree on an existing directory and begins to serve it.</summary>
    /// <exception cref="IOException">The mount is refused, or the kernel is too old (7.31 is Linux 5.1).</exception>
    public static async Task<FuseMount> MountAsync(string directory, ServedFile root, FuseMountOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var device = FuseDevice.Mount(directory, options.Device);
        var mount = new FuseMount(device, new FuseSession(device, root, options));
        try
        {
            await mount._session.Ready;
            return mount;
        }
        catch
        {
            await mount.DisposeAsync();
            throw;
        }
    }

    /// <summary>Mounts whose server is gone: every access answers ENOTCONN. <c>umount -l</c> or <c>fusermount3 -uz</c> removes them.</summary>
    public static IReadOnlyList<string> LeftOvers() =>
        [.. MountPoints.OfType(FuseDeviceOptions.FileSystemType).Where(FuseDevice.IsDead)];

    /// <summary>Unmounts: blocked requests end with EINTR, open files are closed, later accesses fail.</summary>
    public async ValueTask DisposeAsync()
    {
        _device.Unmount();
        _device.StopReading();
        await Completion;
    }

    private async Task CompleteAsync(Task run)
    {
        try
        {
            await run;
        }
        finally
        {
            _device.Unmount();
            _device.Dispose();
        }
    }
}
