using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Pewter.NineP.Transport;

namespace Pewter.Peers.Joining;

/// <summary>Connects to a parent's door. An <see cref="IOException"/> says in a sentence why it cannot.</summary>
internal static class ParentDialer
{
    /// <summary>Dials.</summary>
    public static async Task<DialledParent> DialAsync(JoinOptions join, CancellationToken cancellation)
    {
        var target = join.Target;
        var isUnix = target.Scheme == "unix";
        var socket = isUnix
            ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
            : new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await (isUnix
                ? socket.ConnectAsync(new UnixDomainSocketEndPoint(target.Host), cancellation)
                : socket.ConnectAsync(target.Host, target.Port, cancellation));
            var address = socket.LocalEndPoint is IPEndPoint local ? Plain(local).ToString() : "unix";
            var transport = target.Scheme == "tls"
                ? NineTransport.FromStream(await SecureAsync(join, socket, cancellation)) : NineTransport.FromSocket(socket);
            return new DialledParent(transport, address, transport);
        }
        catch (SocketException failure)
        {
            socket.Dispose();
            throw new IOException($"nobody answers there: {failure.Message}", failure);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>An IPv4 address as such, also where the socket speaks IPv6.</summary>
    private static IPEndPoint Plain(IPEndPoint local) =>
        local.Address.IsIPv4MappedToIPv6 ? new IPEndPoint(local.Address.MapToIPv4(), local.Port) : local;

    private static async Task<SslStream> SecureAsync(JoinOptions join, Socket socket, CancellationToken cancellation)
    {
        socket.NoDelay = true;
        var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
        try
        {
            await stream.AuthenticateAsClientAsync(Options(join), cancellation);
            return stream;
        }
        catch (Exception failure) when (failure is AuthenticationException or CryptographicException)
        {
            await stream.DisposeAsync();
            throw new IOException($"its certificate or ours is not trusted ({failure.Message}); see join.ca and join.cert", failure);
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    private static SslClientAuthenticationOptions Options(JoinOptions join)
    {
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = join.Target.Host, CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        };
        if (join.AuthorityFile is { } authority)
        {
            options.CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true,
            };
            options.CertificateChainPolicy.CustomTrustStore.ImportFromPemFile(authority);
        }

        if (join.CertificateFile is { } certificate)
        {
            var own = X509Certificate2.CreateFromPemFile(certificate, join.KeyFile ?? certificate);
            options.ClientCertificateContext = SslStreamCertificateContext.Create(own, null, offline: true);
        }

        return options;
    }
}
