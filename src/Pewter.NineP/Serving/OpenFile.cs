namespace Pewter.NineP.Serving;

/// <summary>
/// One open of a <see cref="ServedFile"/>: what a fid becomes by <c>Tlopen</c>. Requests on one open may arrive at once; an implementation
/// that keeps a cursor serialises them itself. Disposed exactly once, after the last request on it has ended (clunk or disconnect).
/// </summary>
/// <remarks>
/// Cancellation is exact, because <c>Tflush</c> is: a read whose token fires either throws <see cref="OperationCanceledException"/> and has
/// consumed nothing, or returns what it took; a write either throws and has had no effect, or returns how many bytes it accepted.
/// </remarks>
public abstract class OpenFile : IAsyncDisposable
{
    /// <summary>Creates the open.</summary>
    /// <param name="file">The file it is open on. Opening <c>clone</c> gives an open on another file, the new object's <c>ctl</c>.</param>
    protected OpenFile(ServedFile file) => File = file;

    /// <summary>The file it is open on; the fid takes its qid.</summary>
    public ServedFile File { get; }

    /// <summary>
    /// Reads without waiting into <paramref name="buffer"/>. False when it would have to wait, in which case nothing was consumed and the
    /// caller goes on with <see cref="ReadAsync"/>. The fast path of every file in memory: it allocates nothing.
    /// </summary>
    public virtual bool TryRead(ulong offset, Span<byte> buffer, out int count)
    {
        count = 0;
        return false;
    }

    /// <summary>Reads at least one byte, or 0 at the end, waiting as long as it takes.</summary>
    public virtual ValueTask<int> ReadAsync(ulong offset, Memory<byte> buffer, CancellationToken cancellation) =>
        throw new FileException(Errno.EBADF, "The file is not open for reading.");

    /// <summary>Writes; returns the bytes accepted, fewer than given only after a cancellation or at a limit.</summary>
    public virtual ValueTask<int> WriteAsync(ulong offset, ReadOnlyMemory<byte> data, CancellationToken cancellation) =>
        throw new FileException(Errno.EBADF, "The file is not open for writing.");

    /// <summary>
    /// Lists entries after the one whose cookie is <paramref name="cookie"/> (0: from the start) until <paramref name="page"/> is full.
    /// Cookies grow along the listing and stay with their entry while others come and go.
    /// </summary>
    public virtual ValueTask ReadDirectoryAsync(ulong cookie, DirectoryPage page, CancellationToken cancellation) =>
        throw new FileException(Errno.ENOTDIR, "Not a directory.");

    /// <summary>Makes what was written durable. Files without own durability do nothing.</summary>
    public virtual ValueTask SyncAsync(CancellationToken cancellation) => ValueTask.CompletedTask;

    /// <summary>Ends the open. Failures here reach nobody: report them where they can be read.</summary>
    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }
}
