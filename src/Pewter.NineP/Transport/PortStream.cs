using System.Security.Cryptography;

namespace Pewter.NineP.Transport;

/// <summary>
/// One session over a serial line such as a virtio-serial port, as a stream: it begins at once for both ends and ends for the one end when the
/// other begins the next. Whoever began it has given it the line.
/// </summary>
public sealed class PortStream : Stream
{
    private readonly PortLine _line;
    private readonly Stream? _owned;

    internal PortStream(PortLine line, Stream? owned = null) => (_line, _owned) = (line, owned);

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Begins a session; returns when the other end has begun it too, however long that takes.</summary>
    /// <param name="line">The line, which is the session's when this returns.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="IOException">The line is closed.</exception>
    public static async ValueTask<PortStream> BeginAsync(Stream line, CancellationToken cancellation)
    {
        var port = new PortLine(line);
        var session = new PortStream(port, line);
        var name = RandomNumberGenerator.GetHexString(PortLine.NameLength, lowercase: true);
        await port.WriteMarkAsync(name, session, cancellation);
        while (await port.ReadMarkAsync(cancellation) is { } mark)
        {
            if (mark == name)
            {
                return session;
            }
        }

        throw new IOException("The line was closed before the other end answered.");
    }

    /// <inheritdoc/>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        _line.ReadAsync(buffer, cancellationToken);

    /// <inheritdoc/>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        new(_line.WriteAsync(buffer.Span, this, cancellationToken));

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        if (_owned is not null)
        {
            await _owned.DisposeAsync();
        }

        await base.DisposeAsync();
    }
}
