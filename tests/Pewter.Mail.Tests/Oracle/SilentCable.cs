using System.Net;
using System.Net.Sockets;

namespace Pewter.Mail.Tests.Oracle;

/// <summary>An end of a cable that says nothing when it is cut: what is written is gone, and nothing comes.</summary>
internal sealed class SilentCable(Stream inner) : Stream
{
    private readonly CancellationTokenSource _closed = new();
    private volatile bool _isCut;

    internal static (SilentCable One, SilentCable Other) Create()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        var one = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        one.Connect(listener.LocalEndPoint!);
        return (new SilentCable(new NetworkStream(one, true)), new SilentCable(new NetworkStream(listener.Accept(), true)));
    }

    internal void Cut() => _isCut = true;

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _closed.Token);
        var count = await inner.ReadAsync(buffer, either.Token);
        if (_isCut)
            await Task.Delay(Timeout.Infinite, either.Token);
        return count;
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        _isCut ? ValueTask.CompletedTask : inner.WriteAsync(buffer, cancellationToken);

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public override void Flush() => inner.Flush();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        _closed.Cancel();
        inner.Dispose();
        base.Dispose(disposing);
    }
}
