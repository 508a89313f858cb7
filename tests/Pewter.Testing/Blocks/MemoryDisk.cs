using Pewter.Blocks;

namespace Pewter.Testing.Blocks;

/// <summary>A disk in memory. With <see cref="Delay"/> it answers later, as a network disk does.</summary>
public sealed class MemoryDisk : BlockDevice
{
    private const int Block = 512;

    private readonly Lock _lock = new();
    private readonly bool _isReadOnly;
    private byte[] _bytes;
    private bool[] _mapped;

    public MemoryDisk(long length, bool isReadOnly = false)
    {
        _bytes = new byte[length];
        _mapped = new bool[length / Block];
        _isReadOnly = isReadOnly;
    }

    /// <summary>A read-only disk that holds the bytes.</summary>
    public MemoryDisk(byte[] bytes)
        : this(bytes.Length, isReadOnly: true)
    {
        _bytes = bytes;
        Array.Fill(_mapped, true);
    }

    /// <summary>What every answer waits for; null answers at once.</summary>
    public Func<Task>? Delay { get; set; }

    /// <summary>Fails every request with this errno.</summary>
    public int Errno { get; set; }

    public int Flushes { get; private set; }

    public override long Length => _bytes.Length;

    public override bool IsReadOnly => _isReadOnly;

    public void Resize(long length)
    {
        lock (_lock)
        {
            Array.Resize(ref _bytes, (int)length);
            Array.Resize(ref _mapped, (int)(length / Block));
        }
        OnLengthChanged();
    }

    public override bool TryRead(long offset, Span<byte> buffer)
    {
        if (Delay is not null)
            return false;
        Fail();
        _bytes.AsSpan((int)offset, buffer.Length).CopyTo(buffer);
        return true;
    }

    public override async ValueTask ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellation)
    {
        await WaitAsync(cancellation);
        _bytes.AsSpan((int)offset, buffer.Length).CopyTo(buffer.Span);
    }

    public override bool TryWrite(long offset, ReadOnlySpan<byte> data, bool fua)
    {
        if (Delay is not null)
            return false;
        Fail(writes: true);
        Put(offset, data);
        return true;
    }

    public override async ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> data, bool fua, CancellationToken cancellation)
    {
        await WaitAsync(cancellation, writes: true);
        Put(offset, data.Span);
    }

    public override async ValueTask FlushAsync(CancellationToken cancellation)
    {
        await WaitAsync(cancellation);
        Flushes++;
    }

    public override async ValueTask WriteZeroesAsync(long offset, long length, bool mayUnmap, bool fua, CancellationToken cancellation)
    {
        await WaitAsync(cancellation, writes: true);
        lock (_lock)
        {
            _bytes.AsSpan((int)offset, (int)length).Clear();
            Map(offset, length, !mayUnmap);
        }
    }

    public override async ValueTask DiscardAsync(long offset, long length, CancellationToken cancellation)
    {
        long first = (offset + Block - 1) / Block * Block;
        long end = (offset + length) / Block * Block;
        if (end > first)
            await WriteZeroesAsync(first, end - first, mayUnmap: true, fua: false, cancellation);
    }

    public override int GetExtents(long offset, long length, Span<BlockExtent> extents)
    {
        int count = 0;
        long end = offset + length;
        while (offset < end && count < extents.Length)
        {
            bool mapped = _mapped[offset / Block];
            long next = offset;
            while (next < end && _mapped[next / Block] == mapped)
                next = Math.Min(end, (next / Block + 1) * Block);
            extents[count++] = new BlockExtent(next - offset, !mapped, !mapped);
            offset = next;
        }
        return count;
    }

    public override ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    private async ValueTask WaitAsync(CancellationToken cancellation, bool writes = false)
    {
        if (Delay is { } delay)
            await delay().WaitAsync(cancellation);
        Fail(writes);
    }

    private void Fail(bool writes = false)
    {
        if (Errno != 0)
            throw new BlockException(Errno, "The memory disk was told to fail.");
        if (writes && _isReadOnly)
            throw new BlockException(BlockErrno.EROFS, "The memory disk is read-only.");
    }

    private void Put(long offset, ReadOnlySpan<byte> data)
    {
        lock (_lock)
        {
            data.CopyTo(_bytes.AsSpan((int)offset));
            Map(offset, data.Length, mapped: true);
        }
    }

    private void Map(long offset, long length, bool mapped)
    {
        long first = mapped ? offset / Block : (offset + Block - 1) / Block;
        long end = mapped ? (offset + length + Block - 1) / Block : (offset + length) / Block;
        for (long i = first; i < end; i++)
            _mapped[i] = mapped;
    }
}
