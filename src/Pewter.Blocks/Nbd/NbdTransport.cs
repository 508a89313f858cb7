using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Pewter.Linux;
using Pewter.Linux.Files;
using Pewter.Linux.Sockets;

namespace Pewter.Blocks.Nbd;

/// <summary>
/// The bytes of one connection, plain or under TLS. Blocking: the connection's own thread receives; whoever holds the connection's send lock
/// sends. A broken connection is an <see cref="IOException"/> or <see cref="SocketException"/>.
/// </summary>
internal sealed class NbdTransport : IDisposable
{
    private readonly Socket _socket;
    private SslStream? _tls;

    public NbdTransport(Socket socket, string? network, TimeSpan sendTimeout)
    {
        (_socket, Network) = (socket, network);
        socket.SendTimeout = (int)sendTimeout.TotalMilliseconds;
        if (socket.RemoteEndPoint is IPEndPoint tcp)
        {
            socket.NoDelay = true;
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            Address = tcp.Address;
            Client = $"nbd {tcp}";
            Host = network is null ? tcp.Address.ToString() : $"{tcp.Address}@{Path.GetFileName(network)}";
        }
    }

    /// <summary>The client's address; null over a Unix socket.</summary>
    public IPAddress? Address { get; }

    /// <summary>The path of the network namespace that the client came by; null: this process's own.</summary>
    public string? Network { get; }

    public string Client { get; } = "nbd unix";

    public string Host { get; } = "unix";

    /// <summary>The socket's descriptor, to wait for together with others.</summary>
    public int Descriptor => (int)_socket.SafeHandle.DangerousGetHandle();

    public bool IsTls => _tls is not null;

    /// <summary>The common name of the client's certificate, if it proved one.</summary>
    public string? CertificateName { get; private set; }

    /// <summary>Waits at most this long for bytes; zero for ever.</summary>
    public void SetReceiveTimeout(TimeSpan timeout) => _socket.ReceiveTimeout = (int)timeout.TotalMilliseconds;

    public int Receive(Span<byte> buffer) => _tls is null ? _socket.Receive(buffer) : _tls.Read(buffer);

    /// <summary>Receives what comes within a moment, without sleeping; 0 when nothing did or the end came. Not under TLS.</summary>
    public int Look(Span<byte> buffer, TimeSpan moment)
    {
        long began = Stopwatch.GetTimestamp();
        do
        {
            long count = SocketCalls.ReceiveNoWait(_socket.SafeHandle, buffer);
            if (count != -LinuxErrno.EAGAIN)
                return (int)Math.Max(0, count);
        }
        while (Stopwatch.GetElapsedTime(began) < moment);
        return 0;
    }

    /// <summary>Receives all of <paramref name="buffer"/>.</summary>
    public void ReceiveAll(Span<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            int count = Receive(buffer);
            if (count == 0)
                throw new IOException("The client went away in the middle of a message.");
            buffer = buffer[count..];
        }
    }

    public void Send(ReadOnlySpan<byte> data)
    {
        if (_tls is not null)
        {
            _tls.Write(data);
            return;
        }

        while (!data.IsEmpty)
            data = data[_socket.Send(data)..];
    }

    /// <summary>Sends what was gathered, from wherever its pieces lie. Not under TLS.</summary>
    public void Send(NbdReplyBuffer replies)
    {
        for (Span<IoVector> pieces = replies.Pieces(); !pieces.IsEmpty;)
        {
            long sent = SocketCalls.Send(_socket.SafeHandle, pieces);
            if (sent == -LinuxErrno.EFAULT)
                replies.Distrust();
            pieces = After(pieces, Sent(sent));
        }
    }

    /// <summary>Sends bytes, then a part of a file without copying it through this process. Not under TLS.</summary>
    public void SendWithFile(ReadOnlySpan<byte> data, NbdFileRange range)
    {
        while (!data.IsEmpty)
            data = data[Sent(FileCalls.SendBeforeFile(_socket.SafeHandle, data))..];
        while (range.Count > 0)
        {
            int count = Sent(FileCalls.SendFile(_socket.SafeHandle, range.File, range.Offset, range.Count));
            range = range with { Offset = range.Offset + count, Count = range.Count - count };
        }
    }

    public void StartTls(SslServerAuthenticationOptions options)
    {
        var tls = new SslStream(new NetworkStream(_socket, ownsSocket: false), leaveInnerStreamOpen: false);
        try
        {
            tls.AuthenticateAsServer(options);
        }
        catch (AuthenticationException e)
        {
            tls.Dispose();
            throw new IOException($"TLS failed: {e.Message}", e);
        }

        _tls = tls;
        CertificateName = tls.RemoteCertificate is X509Certificate2 certificate
            ? certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false)
            : null;
    }

    /// <summary>Ends both directions; whoever receives or sends sees the end. May be called from any thread.</summary>
    public void Shutdown()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The client was faster.
        }
    }

    private static unsafe Span<IoVector> After(Span<IoVector> pieces, int sent)
    {
        int whole = 0;
        while (whole < pieces.Length && (nuint)sent >= pieces[whole].Length)
            sent -= (int)pieces[whole++].Length;
        pieces = pieces[whole..];
        if (sent > 0)
            pieces[0] = new IoVector { Base = pieces[0].Base + sent, Length = pieces[0].Length - (nuint)sent };
        return pieces;
    }

    private static int Sent(long result) => result > 0
        ? (int)result
        : throw new IOException($"Sending failed (errno {-result}): the client is gone or does not read, or the file was cut.");

    public void Dispose()
    {
        _tls?.Dispose();
        _socket.Dispose();
    }
}
