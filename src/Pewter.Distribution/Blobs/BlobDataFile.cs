using Microsoft.Win32.SafeHandles;
using Pewter.NineP;
using Pewter.NineP.Serving;
using Pewter.Tree;

namespace Pewter.Distribution.Blobs;

/// <summary>
/// The file <c>data</c> of a blob. Written from its beginning to its end, once; read at any offset, also while it arrives: a read of what
/// is not there yet
/// waits for it.
/// </summary>
internal sealed class BlobDataFile(Blob blob, long limit, Func<Blob, CancellationToken, ValueTask> ready)
    : TreeFile(QidType.File, UnixMode.Octal(640))
{
    protected override ulong Size => blob.State == BlobState.Ready ? (ulong)blob.Size!.Value : 0;

    protected override ValueTask<OpenFile> OpenCoreAsync(OpenFlags flags, Caller caller, CancellationToken cancellation)
    {
        if (flags.CanWrite())
        {
            blob.BeginWriting();
        }

        return new(new DataOpen(this, blob, flags, limit, ready));
    }

    private sealed class DataOpen(
        TreeFile file, Blob blob, OpenFlags flags, long limit, Func<Blob, CancellationToken, ValueTask> ready) : TreeOpen(file)
    {
        private readonly SafeFileHandle? _content = flags.CanRead() ? blob.OpenFile() : null;

        public override async ValueTask<int> ReadAsync(ulong offset, Memory<byte> buffer, CancellationToken cancellation)
        {
            while (_content is not null)
            {
                var next = blob.NextChange();
                if (blob.TryRead(_content, (long)offset, buffer.Span) is { } count)
                {
                    return count;
                }

                await next.WaitAsync(cancellation);
            }

            throw new FileException(Errno.EBADF, "It was opened for writing only.");
        }

        public override async ValueTask<int> WriteAsync(ulong offset, ReadOnlyMemory<byte> data, CancellationToken cancellation)
        {
            if (!flags.CanWrite())
            {
                throw new FileException(Errno.EBADF, "It was opened for reading only.");
            }

            await blob.TurnAsync((long)offset, cancellation);
            if (blob.Write((long)offset, data.Span, limit))
            {
                await ready(blob, cancellation);
            }

            return data.Length;
        }

        protected override ValueTask CloseAsync()
        {
            _content?.Dispose();
            if (flags.CanWrite())
            {
                blob.EndWriting();
            }

            return ValueTask.CompletedTask;
        }
    }
}
