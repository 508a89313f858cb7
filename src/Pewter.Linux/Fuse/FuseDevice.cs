using System.Runtime.InteropServices;
using Pewter.Linux.Mounts;

namespace Pewter.Linux.Fuse;

/// <summary>
/// A mounted FUSE connection: the requests of the kernel are read from it and the replies written to it (fuse(4)). One thread reads;
/// replies may be written from many at once. Root mounts by mount(2), everybody else through fusermount3.
/// </summary>
public sealed class FuseDevice : IDisposable
{
    private const int GetFlags = 3;
    private const int SetFlags = 4;
    private const int NonBlocking = 0x800;
    private readonly int _descriptor;
    private readonly int _wake;
    private readonly FuseChild? _watcher;
    private readonly Lock _lock = new();
    private bool _disposed;

    private FuseDevice(string directory, int descriptor, FuseDeviceOptions options)
    {
        (Directory, _descriptor) = (directory, descriptor);
        _wake = FuseNative.EventDescriptor(0, FuseNative.CloexecNonBlock);
        if (_wake < 0)
            throw FuseNative.Failure("eventfd");
        _watcher = options.UnmountWhenKilled ? FuseChild.TryStartWatcher(directory) : null;
    }

    /// <summary>The absolute path that it is mounted on.</summary>
    public string Directory { get; }

    /// <summary>Mounts on an existing directory. The kernel waits for <c>FUSE_INIT</c> to be answered.</summary>
    /// <exception cref="IOException">The mount is refused; the message says by whom and why.</exception>
    public static FuseDevice Mount(string directory, FuseDeviceOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        directory = Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory));
        if (IsMounted(directory) && IsDead(directory))
            Detach(directory);
        return FuseNative.EffectiveUser() == 0 ? MountDirectly(directory, options) : MountByHelper(directory, options);
    }

    /// <summary>
    /// Whether a mount point has lost its server (statfs(2) says ENOTCONN). Only for the mount points of others: asking a living one of our
    /// own waits for ourselves.
    /// </summary>
    public static unsafe bool IsDead(string mountPoint)
    {
        // Larger than struct statfs of every architecture (120 bytes on x86-64).
        var result = stackalloc byte[256];
        return FuseNative.StatFileSystem(mountPoint, result) < 0 && Marshal.GetLastPInvokeError() == FuseNative.Enotconn;
    }

    /// <summary>Waits for the next request. 0: it is unmounted, or <see cref="StopReading"/> was called.</summary>
    /// <param name="buffer">At least the negotiated largest write and 4 KiB; the kernel refuses less.</param>
    public unsafe int Read(Span<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            while (true)
            {
                var count = FuseNative.Read(_descriptor, start, (nuint)buffer.Length);
                if (count >= 0)
                    return (int)count;
                switch (Marshal.GetLastPInvokeError())
                {
                    case FuseNative.Eagain when !WaitForRequest():
                    case 19 or 9:   // ENODEV: unmounted; EBADF: disposed.
                        return 0;
                    // EINTR, and ENOENT of a request that was taken back while it was being read.
                    case FuseNative.Eagain or FuseNative.Eintr or 2:
                        continue;
                    default:
                        throw FuseNative.Failure("reading /dev/fuse");
                }
            }
        }
    }

    /// <summary>Writes one whole reply. False: nobody waits for it any more, and what it would have handed over is still ours.</summary>
    public unsafe bool Write(ReadOnlySpan<byte> reply)
    {
        fixed (byte* start = reply)
        {
            while (true)
            {
                if (FuseNative.Write(_descriptor, start, (nuint)reply.Length) >= 0)
                    return true;
                switch (Marshal.GetLastPInvokeError())
                {
                    case FuseNative.Eintr:
                        continue;
                    case 2 or 19 or 9: // ENOENT: taken back; ENODEV: unmounted; EBADF: disposed.
                        return false;
                    default:
                        throw FuseNative.Failure("writing /dev/fuse");
                }
            }
        }
    }

    /// <summary>Makes <see cref="Read"/> return 0 from now on.</summary>
    public unsafe void StopReading()
    {
        lock (_lock)
        {
            // A closed descriptor's number may be somebody else's by now.
            if (_disposed)
                return;
            ulong one = 1;
            _ = FuseNative.Write(_wake, (byte*)&one, sizeof(ulong));
        }
    }

    /// <summary>
    /// Takes the mount away: at once for new accesses, though processes inside may keep what they have open until <see cref="Dispose"/>. Does
    /// nothing when it is already gone.
    /// </summary>
    public void Unmount()
    {
        lock (_lock)
        {
            // After this mount's end another may stand on the directory.
            if (!_disposed && IsMounted(Directory))
                Detach(Directory);
        }
    }

    /// <summary>Cuts the connection; every access through a descriptor that is still open fails with ENOTCONN.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_disposed)
                return;
            _disposed = true;
            _ = FuseNative.Close(_descriptor);
            _ = FuseNative.Close(_wake);
        }

        _watcher?.Dispose();
    }

    private static FuseDevice MountDirectly(string directory, FuseDeviceOptions options)
    {
        var descriptor = FuseNative.Open("/dev/fuse", FuseNative.OpenReadWriteCloexecNonBlock, 0);
        if (descriptor < 0)
            throw FuseNative.Failure("opening /dev/fuse");
        var flags = FuseNative.MountNoSuidNoDevNoAtime | (options.ReadOnly ? FuseNative.MountReadOnly : 0);
        var data = $"fd={descriptor},rootmode=40000,user_id={FuseNative.EffectiveUser()},group_id={FuseNative.EffectiveGroup()}"
            + (options.AllowOthers ? ",allow_other" : "");
        if (FuseNative.Mount(options.Source, directory, FuseDeviceOptions.FileSystemType, flags, data) < 0)
        {
            var failure = FuseNative.Failure($"mounting on {directory}");
            _ = FuseNative.Close(descriptor);
            throw failure;
        }

        return new FuseDevice(directory, descriptor, options);
    }

    private static FuseDevice MountByHelper(string directory, FuseDeviceOptions options)
    {
        var words = $"fsname={options.Source},subtype=pewter,noatime"
            + (options.AllowOthers ? ",allow_other" : "")
            + (options.ReadOnly ? ",ro" : "");
        using var helper = FuseChild.TryStartFusermount("-o", words, "--", directory)
            ?? throw new IOException("fusermount3 is not installed; install the package fuse3, or mount as root.");
        var descriptor = helper.ReceiveDevice();
        _ = FuseNative.FileControl(descriptor, SetFlags, FuseNative.FileControl(descriptor, GetFlags, 0) | NonBlocking);
        return new FuseDevice(directory, descriptor, options);
    }

    private static bool IsMounted(string directory) => MountPoints.IsMountedOn(directory, FuseDeviceOptions.FileSystemType);

    private static void Detach(string directory)
    {
        if (FuseNative.EffectiveUser() == 0)
        {
            _ = FuseNative.Unmount(directory, FuseNative.DetachMount);
            return;
        }

        using var helper = FuseChild.TryStartFusermount("-u", "-q", "-z", "--", directory);
        helper?.WaitForExit();
    }

    private unsafe bool WaitForRequest()
    {
        var descriptors = stackalloc FuseNative.PollDescriptor[2];
        descriptors[0] = new() { Descriptor = _descriptor, Events = FuseNative.PollIn };
        descriptors[1] = new() { Descriptor = _wake, Events = FuseNative.PollIn };
        _ = FuseNative.Poll(descriptors, 2, -1);
        return descriptors[1].Returned == 0;
    }
}
