using System.Runtime.InteropServices;
using Pewter.Linux;

namespace Pewter.CommandLine;

/// <summary>
/// A stream straight on a descriptor of this process, by read(2) and write(2). Unlike a file stream it keeps no position of its own, so that several
/// programs can append to one redirected output; unlike the console's it tells when the reader is gone.
/// </summary>
internal sealed class DescriptorStream(int descriptor, FileAccess access) : Stream
{
    public override bool CanRead => access == FileAccess.Read;

    public override bool CanWrite => access == FileAccess.Write;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        while (true)
        {
            var count = Descriptors.Read(descriptor, buffer);
            if (count != -LinuxErrno.EINTR)
            {
                return count >= 0 ? count : throw Failure(-count);
            }
        }
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (buffer.Length != 0)
        {
            var count = Descriptors.Write(descriptor, buffer);
            if (count < 0 && count != -LinuxErrno.EINTR)
            {
                throw Failure(-count);
            }

            buffer = buffer[Math.Max(0, count)..];
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <summary>A terminal or pipe may keep a reader waiting for ever, and Ctrl-C must still end the command.</summary>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        await Task.Run(() => Read(buffer.Span), cancellationToken).WaitAsync(cancellationToken);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Write(buffer.Span);
        return ValueTask.CompletedTask;
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private static IOException Failure(int errno) => new(Marshal.GetPInvokeErrorMessage(errno), errno);
}
