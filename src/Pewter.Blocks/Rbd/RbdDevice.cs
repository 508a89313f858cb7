using System.Runtime.InteropServices;
using Pewter.Blocks.Rbd.Native;

namespace Pewter.Blocks.Rbd;

/// <summary>
/// A Ceph RBD image, or a snapshot of one, as a disk. Every request waits on the network, so the synchronous members
/// say no; requests overlap freely and each is one call of librbd. Opened by <see cref="RbdCluster.OpenAsync"/>, whose
/// connection has to outlive it.
/// </summary>
public sealed class RbdDevice : BlockDevice
{
    /// <summary>
    /// Held while librbd is asked outside of requests, so that a late notice never meets a closed image.
    /// </summary>
    private readonly Lock _open = new();

    private readonly nint _image;
    private readonly string _name;
    private readonly ulong _watch;
    private GCHandle _self;
    private long _length;
    private bool _closed;

    internal unsafe RbdDevice(nint image, bool isReadOnly, string name)
    {
        (_image, IsReadOnly, _name) = (image, isReadOnly, name);
        _length = ReadLength();
        if (isReadOnly)
            return;
        _self = GCHandle.Alloc(this, GCHandleType.Weak);
        RbdErrors.Check(Librbd.Watch(image, out _watch, &OnChanged, GCHandle.ToIntPtr(_self)), $"Watching {name}");
    }

    /// <inheritdoc/>
    public override long Length => Volatile.Read(ref _length);

    /// <inheritdoc/>
    public override bool IsReadOnly { get; }

    /// <inheritdoc/>
    public override async ValueTask ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        RbdErrors.Check(await StartRead(offset, buffer), $"Reading {_name}");
    }

    /// <inheritdoc/>
    public override async ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> data, bool fua, CancellationToken cancellation)
    {
        CheckWritable(cancellation);
        RbdErrors.Check(await StartWrite(offset, data), $"Writing {_name}");
        if (fua)
            await FlushAsync(cancellation);
    }

    /// <inheritdoc/>
    public override async ValueTask FlushAsync(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (!IsReadOnly)
            RbdErrors.Check(await StartFlush(), $"Flushing {_name}");
    }

    /// <inheritdoc/>
    public override async ValueTask WriteZeroesAsync(long offset, long length, bool mayUnmap, bool fua, CancellationToken cancellation)
    {
        CheckWritable(cancellation);
        RbdErrors.Check(await StartZeroes(offset, length, mayUnmap ? 0 : Librbd.ThickProvision), $"Zeroing {_name}");
        if (fua)
            await FlushAsync(cancellation);
    }

    /// <inheritdoc/>
    public override async ValueTask DiscardAsync(long offset, long length, CancellationToken cancellation)
    {
        CheckWritable(cancellation);
        RbdErrors.Check(await StartDiscard(offset, length), $"Discarding on {_name}");
    }

    /// <inheritdoc/>
    public override unsafe int GetExtents(long offset, long length, Span<BlockExtent> extents)
    {
        var walk = new RbdExtentWalk(offset, offset + length, extents.Length);
        GCHandle handle = GCHandle.Alloc(walk);
        try
        {
            int result = Librbd.IterateExtents(
                _image, null, (ulong)offset, (ulong)length, includeParent: 1, wholeObject: 0, &OnExtent, GCHandle.ToIntPtr(handle));
            if (result != RbdExtentWalk.Full)
                RbdErrors.Check(result, $"Reading the extents of {_name}");
        }
        finally
        {
            handle.Free();
        }
        return walk.Finish(extents);
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await Task.Run(Close);
        GC.SuppressFinalize(this);
    }

    private unsafe ValueTask<long> StartRead(long offset, Memory<byte> buffer) => RbdOperation.RunAsync(
        buffer, (_image, offset), static (at, bytes, count, done) => Librbd.Read(at._image, (ulong)at.offset, count, bytes, done));

    private unsafe ValueTask<long> StartWrite(long offset, ReadOnlyMemory<byte> data) => RbdOperation.RunAsync(
        data, (_image, offset), static (at, bytes, count, done) => Librbd.Write(at._image, (ulong)at.offset, count, bytes, done));

    private unsafe ValueTask<long> StartFlush() => RbdOperation.RunAsync(
        default, _image, static (image, _, _, done) => Librbd.Flush(image, done));

    private unsafe ValueTask<long> StartZeroes(long offset, long length, int flags) => RbdOperation.RunAsync(
        default, (_image, offset, length, flags),
        static (at, _, _, done) => Librbd.WriteZeroes(at._image, (ulong)at.offset, (nuint)at.length, done, at.flags, 0));

    private unsafe ValueTask<long> StartDiscard(long offset, long length) => RbdOperation.RunAsync(
        default, (_image, offset, length),
        static (at, _, _, done) => Librbd.Discard(at._image, (ulong)at.offset, (ulong)at.length, done));

    [UnmanagedCallersOnly]
    private static int OnExtent(ulong offset, nuint length, int exists, nint argument) =>
        ((RbdExtentWalk)GCHandle.FromIntPtr(argument).Target!).Add((long)offset, (long)length, exists != 0);

    /// <summary>
    /// Called by librbd when the image's header changed; librbd must not be called back from its own thread.
    /// </summary>
    [UnmanagedCallersOnly]
    private static void OnChanged(nint argument)
    {
        if (GCHandle.FromIntPtr(argument).Target is RbdDevice device)
            ThreadPool.UnsafeQueueUserWorkItem(static changed => changed.CheckLength(), device, preferLocal: false);
    }

    private void CheckLength()
    {
        long length;
        lock (_open)
        {
            if (_closed)
                return;
            length = ReadLength();
        }
        if (Interlocked.Exchange(ref _length, length) != length)
            OnLengthChanged();
    }

    private long ReadLength()
    {
        RbdErrors.Check(Librbd.GetSize(_image, out ulong size), $"Reading the size of {_name}");
        return (long)size;
    }

    private void CheckWritable(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (IsReadOnly)
            throw new BlockException(BlockErrno.EROFS, $"{_name} is open read-only; a snapshot is written to through a clone.");
    }

    private void Close()
    {
        lock (_open)
        {
            if (_closed)
                return;
            _closed = true;
        }
        if (_self.IsAllocated)
        {
            _ = Librbd.Unwatch(_image, _watch);
            _self.Free();
        }
        RbdErrors.Check(Librbd.Close(_image), $"Closing {_name}");
    }
}
