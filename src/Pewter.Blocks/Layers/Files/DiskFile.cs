using Microsoft.Win32.SafeHandles;
using Pewter.Linux.Files;

namespace Pewter.Blocks.Layers.Files;

/// <summary>A store's file on a Linux file system.</summary>
internal sealed class DiskFile : StoreFile
{
    private const int Again = -11;
    private const int NotSupported = -95;
    private const int Interrupted = -4;
    private readonly string _path;
    private readonly SafeFileHandle _handle;
    private volatile bool _cannotTell;
    private volatile BlockSet? _read;
    private volatile FileMapping? _mapping;

    public DiskFile(string name, string path, FileMode mode, FileAccess access)
    {
        Name = name;
        _path = path;
        // The store's lock keeps other daemons out; FileShare.None here would stop exports from reading beside a writer.
        _handle = File.OpenHandle(path, mode, access, FileShare.ReadWrite | FileShare.Delete);
    }

    public override string Name { get; }

    public override long Length => RandomAccess.GetLength(_handle);

    public override long AllocatedBytes => Math.Max(0, FileCalls.AllocatedBytes(_handle));

    public override DateTime ModifiedAt => File.GetLastWriteTimeUtc(_handle);

    public override void Freeze() => _read = new BlockSet();

    public override bool TryGetRange(long offset, int length, out ImmutableRange range)
    {
        BlockSet? read = _read;
        FileMapping? memory = read is not null && read.ContainsRange(offset, length) ? _mapping ?? Map() : null;
        range = new ImmutableRange(_handle, memory is { IsBroken: false } ? memory : null);
        return read is not null;
    }

    public override bool TryRead(long offset, Span<byte> buffer)
    {
        if (_cannotTell)
        {
            Read(offset, buffer);
            _read?.AddRange(offset, buffer.Length);
            return true;
        }

        long result = FileCalls.ReadNoWait(_handle, buffer, offset);
        if (result == NotSupported)
            _cannotTell = true;
        else if (result < 0 && result is not (Again or Interrupted))
            throw Failure("read", (int)-result);
        if (result != buffer.Length)
            return false;
        _read?.AddRange(offset, buffer.Length);
        return true;
    }

    public override void Read(long offset, Span<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            long result = FileCalls.Read(_handle, buffer, offset);
            if (result == Interrupted)
                continue;
            if (result < 0)
                throw Failure("read", (int)-result);
            if (result == 0)
                throw new BlockException(BlockErrno.EIO, $"The store's file {_path} ends at {Length}, before {offset + buffer.Length}: it was cut.");
            buffer = buffer[(int)result..];
            offset += result;
        }
    }

    public override int WriteSome(long offset, ReadOnlySpan<byte> data)
    {
        while (true)
        {
            long result = FileCalls.Write(_handle, data, offset);
            if (result > 0)
                return (int)result;
            if (result != Interrupted)
                throw Failure("written", result == 0 ? BlockErrno.EIO : (int)-result);
        }
    }

    public override void Sync() => Check(FileCalls.DataSync(_handle), "made durable");

    public override void PunchHole(long offset, long length)
    {
        int result = FileCalls.PunchHole(_handle, offset, length);
        if (result != NotSupported)
            Check(result, "freed");
    }

    public override void Reserve(long offset, long length)
    {
        int result = FileCalls.Reserve(_handle, offset, length);
        if (result != NotSupported)
            Check(result, "reserved");
    }

    public override void Truncate(long length) => RandomAccess.SetLength(_handle, length);

    public override void Prefetch(long offset, long length) =>
        _ = FileCalls.Advise(_handle, offset, length, FileAdvice.WillNeed);

    public override long NextData(long offset)
    {
        long result = FileCalls.NextData(_handle, offset);
        return result >= 0 ? result : Length;
    }

    public override void Dispose()
    {
        _mapping?.Dispose();
        _handle.Dispose();
    }

    private FileMapping? Map()
    {
        lock (_handle)
            return _mapping ??= FileMapping.TryCreate(_handle);
    }

    private void Check(int result, string what)
    {
        if (result < 0)
            throw Failure(what, -result);
    }

    private BlockException Failure(string what, int errno) => errno == BlockErrno.ENOSPC
        ? new BlockException(errno, $"No space left for the store's file {_path}: free some, then repeat.")
        : new BlockException(errno, $"The store's file {_path} could not be {what} (errno {errno}).");
}
