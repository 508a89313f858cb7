namespace Pewter.Fuse;

/// <summary>How the offsets of the kernel's reads and writes apply to one open.</summary>
internal interface IReadingPosition : IAsyncDisposable
{
    /// <summary>Reads as <c>read(2)</c> with the file position at <paramref name="offset"/> would.</summary>
    /// <param name="offset">The file position.</param>
    /// <param name="buffer">Where the bytes go.</param>
    /// <param name="mayWait">False for <c>O_NONBLOCK</c>: EAGAIN when nothing is there.</param>
    /// <param name="cancellation">Interrupts it; then nothing was consumed.</param>
    ValueTask<int> ReadAsync(ulong offset, Memory<byte> buffer, bool mayWait, CancellationToken cancellation);

    /// <summary>Writes as <c>write(2)</c> would.</summary>
    ValueTask<int> WriteAsync(ulong offset, ReadOnlyMemory<byte> data, CancellationToken cancellation);

    /// <summary>The process has asked where the file ends.</summary>
    void SeekEnd(uint process);

    /// <summary>The size that this process must be told, or null for the file's own.</summary>
    ulong? SizeFor(uint process);
}
