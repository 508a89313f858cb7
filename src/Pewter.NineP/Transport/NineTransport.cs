using System.IO.Pipelines;
using System.Net.Sockets;

namespace Pewter.NineP.Transport;

/// <summary>
/// A duplex pipe straight over a socket or stream, for 9P's many small messages: a read receives into the buffer that the frames are parsed
/// in, a flush sends from the buffer that they were encoded in. No loop and no thread stands between, so a batch costs two system calls.
/// </summary>
/// <remarks>
/// Owns the stream. Shutdown, in this order: the protocol loop ends and completes <see cref="Output"/>, then <see cref="Input"/>, then disposes
/// the transport, which ends a read or flush still under way and closes the stream.
/// </remarks>
public sealed class NineTransport : IDuplexPipe, IAsyncDisposable
{
    private readonly Stream _stream;
    private readonly StreamReceiver _receiver;
    private readonly StreamSender _sender;

    private NineTransport(Stream stream, Socket? socket)
    {
        _stream = stream;
        _receiver = new StreamReceiver(stream, socket);
        _sender = new StreamSender(stream);
    }

    /// <summary>What the peer sends.</summary>
    public PipeReader Input => _receiver;

    /// <summary>What is sent to the peer.</summary>
    public PipeWriter Output => _sender;

    /// <summary>
    /// Over a connected stream socket, which it then owns. TCP is told not to wait for more (Nagle), since frames leave in batches.
    /// </summary>
    public static NineTransport FromSocket(Socket socket)
    {
        if (socket.ProtocolType == ProtocolType.Tcp)
            socket.NoDelay = true;
        return new NineTransport(new NetworkStream(socket, ownsSocket: true), socket);
    }

    /// <summary>Over a duplex stream (TLS, a serial port), which it then owns.</summary>
    public static NineTransport FromStream(Stream stream) => new(stream, null);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        _receiver.Dispose();
        _sender.Dispose();
    }
}
