using Microsoft.Win32.SafeHandles;
using Pewter.Blocks;

namespace Pewter.Testing.Blocks;

/// <summary>A disk in a plain file, without snapshots or sparseness: the least a disk can be.</summary>
public sealed class FileDisk : BlockDevice
{
    private readonly SafeFileHandle _file;

    public FileDisk(string path) => _file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);

    public override long Length => RandomAccess.GetLength(_file);

    public override bool IsReadOnly => false;

    public override bool TryRead(long offset, Span<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            int read = RandomAccess.Read(_file, buffer, offset);
            if (read == 0)
                throw new BlockException(BlockErrno.EIO, "The file of the disk has become shorter.");
            offset += read;
            buffer = buffer[read..];
        }
        return true;
    }

    public override ValueTask ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellation)
    {
        TryRead(offset, buffer.Span);
        return ValueTask.CompletedTask;
    }

    public override bool TryWrite(long offset, ReadOnlySpan<byte> data, bool fua)
    {
        RandomAccess.Write(_file, data, offset);
        if (fua)
            RandomAccess.FlushToDisk(_file);
        return true;
    }

    public override ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> data, bool fua, CancellationToken cancellation)
    {
        TryWrite(offset, data.Span, fua);
        return ValueTask.CompletedTask;
    }

    public override async ValueTask FlushAsync(CancellationToken cancellation) =>
        await Task.Run(() => RandomAccess.FlushToDisk(_file), cancellation);

    public override async ValueTask WriteZeroesAsync(long offset, long length, bool mayUnmap, bool fua, CancellationToken cancellation)
    {
        byte[] zeroes = new byte[Math.Min(length, 1 << 20)];
        for (long done = 0; done < length; done += zeroes.Length)
        {
            int piece = (int)Math.Min(zeroes.Length, length - done);
            await WriteAsync(offset + done, zeroes.AsMemory(0, piece), fua: false, cancellation);
        }
        if (fua)
            await FlushAsync(cancellation);
    }

    public override ValueTask DiscardAsync(long offset, long length, CancellationToken cancellation) => ValueTask.CompletedTask;

    public override int GetExtents(long offset, long length, Span<BlockExtent> extents)
    {
        extents[0] = new BlockExtent(length, IsHole: false, IsZero: false);
        return 1;
    }

    public override ValueTask DisposeAsync()
    {
        _file.Dispose();
        return ValueTask.CompletedTask;
    }
}
