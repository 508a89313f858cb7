using Pewter.NineP;
using Pewter.NineP.Serving;

namespace Pewter.Tree;

/// <summary>
/// A stream as a file. Reads follow <paramref name="output"/> from the oldest byte kept, each fid at its own pace, until the end; writes go to
/// <paramref name="input"/> and return when they are accepted. Offsets are ignored, the size is 0, truncating does nothing.
/// </summary>
/// <param name="output">What is read; null when it cannot be.</param>
/// <param name="input">What is written; null when it cannot be.</param>
public sealed class StreamFile(ByteStream? output, ByteStream? input = null)
    : TreeFile(QidType.File, UnixMode.Octal((output is null ? 0 : 440) + (input is null ? 0 : 220)))
{
    private readonly Lock _lock = new();
    private int _writers;
    private long _written;

    /// <summary>
    /// Told when the last fid open for writing is closed, with the bytes that were written since the first was opened: where the owner decides
    /// whether that was the end of the input.
    /// </summary>
    public Action<long>? LastWriterClosed { get; init; }

    /// <inheritdoc/>
    protected override ValueTask<OpenFile> OpenCoreAsync(OpenFlags flags, Caller caller, CancellationToken cancellation)
    {
        if ((flags.CanRead() && output is null) || (flags.CanWrite() && input is null))
        {
            throw new FileException(Errno.EACCES, $"{Path} can only be {(output is null ? "written" : "read")}.");
        }

        if (flags.CanWrite())
        {
            lock (_lock)
            {
                _written = _writers++ == 0 ? 0 : _written;
            }
        }

        return new(new StreamOpen(this, flags.CanRead() ? output!.Attach() : null, flags.CanWrite() ? input : null, output?.Grown ?? new()));
    }

    private void Count(int bytes)
    {
        lock (_lock)
        {
            _written += bytes;
        }
    }

    private void Close()
    {
        long written;
        lock (_lock)
        {
            if (--_writers > 0)
            {
                return;
            }

            written = _written;
        }

        LastWriterClosed?.Invoke(written);
    }

    private sealed class StreamOpen(StreamFile file, ByteCursor? cursor, ByteStream? input, Pulse grown) : BlockingOpen(file, grown)
    {
        public override async ValueTask<int> WriteAsync(ulong offset, ReadOnlyMemory<byte> data, CancellationToken cancellation)
        {
            if (input is null)
            {
                return await base.WriteAsync(offset, data, cancellation);
            }

            var count = await input.WriteAsync(data, cancellation);
            file.Count(count);
            return count;
        }

        protected override bool TryTake(ulong offset, Span<byte> buffer, out int count)
        {
            var taken = cursor is null ? 0 : cursor.TryRead(buffer);
            count = taken ?? 0;
            return taken is not null;
        }

        protected override ValueTask CloseAsync()
        {
            cursor?.Dispose();
            if (input is not null)
            {
                file.Close();
            }

            return ValueTask.CompletedTask;
        }
    }
}
