using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Pewter.Linux;
using Pewter.Linux.Namespaces;
using Pewter.Tls;

namespace Pewter.Machines.Nodes.Agents;

/// <summary>
/// Where an agent is spoken to over a network, under TLS with a key that it and this daemon share: written as one word, like the path of a socket.
/// </summary>
/// <param name="Host">Its address and port.</param>
/// <param name="Identity">The name that goes with the key.</param>
/// <param name="Network">The path of the network namespace that it is reached in.</param>
/// <param name="KeyFile">The file that the key is in, in hexadecimal digits; only the daemon reads it.</param>
internal sealed record AgentAddress(IPEndPoint Host, string Identity, string Network, string KeyFile)
{
    private const string Scheme = "tls://";

    /// <summary>Reads what <see cref="ToString"/> wrote; null when it is something else, such as a path.</summary>
    public static AgentAddress? TryParse(string text) =>
        text.StartsWith(Scheme, StringComparison.Ordinal) && text[Scheme.Length..].Split('|') is [var host, var identity, var network, var key]
            ? new(IPEndPoint.Parse(host), identity, network, key) : null;

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Scheme}{Host}|{Identity}|{Network}|{KeyFile}");

    /// <summary>Connects, and has both sides prove themselves.</summary>
    /// <exception cref="IOException">Nobody answers there, or not with the key.</exception>
    public async Task<Stream> ConnectAsync(CancellationToken cancellation)
    {
        var socket = Open();
        try
        {
            socket.NoDelay = true;
            await socket.ConnectAsync(Host, cancellation);
            var key = Convert.FromHexString((await File.ReadAllTextAsync(KeyFile, cancellation)).Trim());
            return await TlsStream.ConnectAsync(new NetworkStream(socket, ownsSocket: true), Identity, key, cancellation);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private Socket Open()
    {
        try
        {
            using var network = NamespaceHandle.OpenFile(Network);
            return NamespaceHandle.Run(network, () => new Socket(Host.AddressFamily, SocketType.Stream, ProtocolType.Tcp));
        }
        catch (LinuxException missing)
        {
            throw new IOException($"its network is not there: {missing.Message}", missing);
        }
    }
}
