using Pewter.NineP;
using Pewter.NineP.Serving;

namespace Pewter.Tree;

/// <summary>
/// A document that is read and written by offset, as an ordinary file: arguments, environments, specifications. The owner keeps the content
/// and sees each new one whole; a refusal is the error of that write, and nothing has changed.
/// </summary>
/// <param name="read">Gives the content.</param>
/// <param name="write">Takes the new content; refuses with a <see cref="FileException"/>.</param>
/// <param name="maxBytes">The size at which writes end with EFBIG.</param>
public sealed class DocumentFile(
    Func<ReadOnlyMemory<byte>> read, Action<ReadOnlyMemory<byte>, Caller> write, int maxBytes = DocumentFile.DefaultMaxBytes)
    : TreeFile(QidType.File, UnixMode.Octal(664))
{
    /// <summary>1 MiB: far above any argument list that Linux takes, far below what would hurt a daemon.</summary>
    public const int DefaultMaxBytes = 1 << 20;

    private readonly Lock _lock = new();

    /// <inheritdoc/>
    protected override ulong Size => (ulong)read().Length;

    /// <inheritdoc/>
    protected override ValueTask<OpenFile> OpenCoreAsync(OpenFlags flags, Caller caller, CancellationToken cancellation)
    {
        if (flags.HasFlag(OpenFlags.Truncate))
        {
            Change(0, default, caller, truncate: true);
        }

        return new(new DocumentOpen(this, flags, caller));
    }

    /// <inheritdoc/>
    protected override ValueTask TruncateAsync(Caller caller, CancellationToken cancellation)
    {
        Change(0, default, caller, truncate: true);
        return ValueTask.CompletedTask;
    }

    private ReadOnlySpan<byte> Content => read().Span;

    private void Change(ulong offset, ReadOnlySpan<byte> data, Caller caller, bool truncate = false, bool append = false)
    {
        lock (_lock)
        {
            var old = truncate ? default : read().Span;
            var start = append ? (ulong)old.Length : offset;
            if (start > (ulong)maxBytes || start + (ulong)data.Length > (ulong)maxBytes)
            {
                throw new FileException(Errno.EFBIG, $"{Path} holds at most {maxBytes} bytes.");
            }

            var content = new byte[Math.Max(old.Length, (int)start + data.Length)];
            old.CopyTo(content);
            data.CopyTo(content.AsSpan((int)start));
            write(content, caller);
        }
    }

    private sealed class DocumentOpen(DocumentFile file, OpenFlags flags, Caller caller) : TreeOpen(file)
    {
        public override bool TryRead(ulong offset, Span<byte> buffer, out int count)
        {
            var content = flags.CanRead() ? file.Content : default;
            var rest = offset < (ulong)content.Length ? content[(int)offset..] : default;
            count = Math.Min(rest.Length, buffer.Length);
            rest[..count].CopyTo(buffer);
            return true;
        }

        public override ValueTask<int> ReadAsync(ulong offset, Memory<byte> buffer, CancellationToken cancellation)
        {
            TryRead(offset, buffer.Span, out var count);
            return new(count);
        }

        public override ValueTask<int> WriteAsync(ulong offset, ReadOnlyMemory<byte> data, CancellationToken cancellation)
        {
            if (!flags.CanWrite())
            {
                return base.WriteAsync(offset, data, cancellation);
            }

            file.Change(offset, data.Span, caller, append: flags.HasFlag(OpenFlags.Append));
            return new(data.Length);
        }
    }
}
