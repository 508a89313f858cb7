using Pewter.Linux;

namespace Pewter.Mail;

/// <summary>
/// A stream between two mailboxes: bytes in order, both ways at once. A writer waits while its reader does not keep up.
/// When the peer or the way to it is lost, reads
/// fail with ECONNRESET after what had arrived.
/// </summary>
/// <remarks>
/// Each end has a mailbox of its own; pieces are numbered messages between the two. One reader and one writer at a
/// time.
/// </remarks>
public sealed class MailStream : Stream
{
    private const int PieceBytes = 32 << 10;

    private readonly Mailbox _box;
    private ReadOnlyMemory<byte> _rest;
    private bool _isFinished;
    private volatile int _fault;
    private int _isClosed;

    private MailStream(PostOffice office, PortAddress peer)
    {
        _box = office.Open(new MailboxOptions { Overflow = OverflowPolicy.Block });
        Peer = peer;
        _box.Attach(this);
    }

    /// <summary>The other end.</summary>
    public PortAddress Peer { get; private set; }

    /// <summary>How it goes there.</summary>
    public MailTransport Transport => _box.Office.TransportTo(Peer);

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_rest.IsEmpty && !_isFinished && buffer.Length > 0)
        {
            Observe(await _box.ReceiveAsync(cancellationToken));
        }

        return Copy(buffer.Span);
    }

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        while (_rest.IsEmpty && !_isFinished && buffer.Length > 0)
        {
            _box.Receive(out var message);
            Observe(message);
        }

        return Copy(buffer);
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        for (var at = 0; at < buffer.Length; at += PieceBytes)
        {
            DemandPeer();
            var piece = buffer.Slice(at, Math.Min(PieceBytes, buffer.Length - at));
            Demand(await _box.SendFrameAsync(Frame(FrameKind.Data), piece, cancellationToken));
        }
    }

    /// <inheritdoc/>
    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        for (var at = 0; at < buffer.Length; at += PieceBytes)
        {
            DemandPeer();
            _box.Send(Peer, buffer.Slice(at, Math.Min(PieceBytes, buffer.Length - at)));
        }
    }

    /// <summary>Says that no more is written; reading goes on.</summary>
    public async ValueTask FinishAsync(CancellationToken cancellation = default) =>
        await _box.SendFrameAsync(Frame(FrameKind.Finish), default, cancellation);

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    internal static async ValueTask<MailStream> ConnectAsync(PostOffice office, MailTarget to, TimeSpan deadline, CancellationToken cancellation)
    {
        var stream = new MailStream(office, default);
        using var limit = new CancellationTokenSource(deadline, office.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            await stream.AskAsync(to, either.Token);
            return stream;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            await stream.DisposeAsync();
            throw new MailException(LinuxErrno.ETIMEDOUT, $"{to} has not accepted the stream within {deadline.TotalSeconds:0.###} s.");
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    internal static MailStream Accept(PostOffice office, in MailMessage message)
    {
        var stream = new MailStream(office, message.From);
        var header = stream.Frame(FrameKind.Accept);
        var reason = office.Send(ref header, default, out _);
        if (reason == RejectReason.None)
        {
            return stream;
        }

        stream.Dispose();
        throw MailException.Rejected(reason, message.From.ToString());
    }

    /// <summary>A process is gone; the reader is told after what had arrived.</summary>
    internal void Lost(PortAddress gone, RejectReason reason)
    {
        if (!Peer.IsNone && Peer.IsSameOffice(gone))
        {
            _fault = (int)reason;
            _box.Enqueue(new FrameHeader { Kind = FrameKind.Finish, From = Peer, To = _box.Address, Reason = reason }, default, 0, out _);
        }
    }

    /// <summary>A frame comes for the mailbox: what the peer has refused is seen by the writer at once.</summary>
    internal void Notice(in FrameHeader header)
    {
        if (header.Kind == FrameKind.Reject && header.From == Peer && !Peer.IsNone)
        {
            _fault = (int)header.Reason;
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing && Interlocked.Exchange(ref _isClosed, 1) == 0)
        {
            if (!Peer.IsNone && _fault == 0)
            {
                var header = Frame(FrameKind.Finish);
                _ = _box.Office.Send(ref header, default, out _);
            }

            _box.Dispose();
        }

        base.Dispose(disposing);
    }

    private async Task AskAsync(MailTarget to, CancellationToken cancellation)
    {
        Mailbox.Demand(await _box.AskAsync(FrameKind.Connect, to, cancellation), to);
        while (true)
        {
            var message = await _box.ReceiveAsync(cancellation);
            if (message.Kind == MessageKind.Rejected)
            {
                Mailbox.Demand(message.Reason, to);
            }

            if (message.Kind == MessageKind.Accepted)
            {
                Peer = message.From;
                return;
            }
        }
    }

    private FrameHeader Frame(FrameKind kind) => new() { Kind = kind, From = _box.Address, To = Peer };

    private void Observe(in MailMessage message)
    {
        if (message.From != Peer)
        {
            return;
        }

        switch (message.Kind)
        {
            case MessageKind.Data:
                _rest = message.Body;
                break;
            case MessageKind.Finished when message.Reason == RejectReason.None:
                _isFinished = true;
                break;
            case MessageKind.Finished or MessageKind.Rejected:
                _fault = (int)message.Reason;
                DemandPeer();
                break;
        }
    }

    private int Copy(Span<byte> buffer)
    {
        var count = Math.Min(buffer.Length, _rest.Length);
        _rest.Span[..count].CopyTo(buffer);
        _rest = _rest[count..];
        return count;
    }

    private void DemandPeer() => Demand((RejectReason)_fault);

    private void Demand(RejectReason reason)
    {
        if (reason != RejectReason.None)
        {
            throw new IOException($"The stream to {Peer} was reset.", MailException.Rejected(RejectReason.ConnectionShut, Peer.ToString()));
        }
    }
}
