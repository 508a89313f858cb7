using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Pewter.Apps.Node.Boot;

/// <summary>Fetches a small text by HTTP/1.0 from an address, which is all that a machine which boots needs of it.</summary>
internal static class PlainHttp
{
    private const int Longest = 64 << 10;

    /// <summary>The text; null when the server has none there.</summary>
    /// <exception cref="IOException">Nobody answers, or not by HTTP.</exception>
    internal static async Task<string?> FetchAsync(string url, CancellationToken cancellation)
    {
        var address = new Uri(url);
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(new IPEndPoint(IPAddress.Parse(address.Host), address.Port), cancellation);
            await socket.SendAsync(
                Encoding.ASCII.GetBytes($"GET {address.AbsolutePath} HTTP/1.0\r\nHost: {address.Host}\r\nConnection: close\r\n\r\n"), cancellation);
            var answer = new byte[Longest];
            var length = 0;
            while (length < answer.Length && await socket.ReceiveAsync(answer.AsMemory(length), cancellation) is > 0 and var count)
            {
                length += count;
            }

            return Body(Encoding.UTF8.GetString(answer, 0, length));
        }
        catch (SocketException failure)
        {
            throw new IOException($"{address.Host} does not answer: {failure.Message}", failure);
        }
    }

    private static string? Body(string answer)
    {
        var end = answer.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        return end < 0 || answer.Split(' ', 3) is not [var version, var status, _] || !version.StartsWith("HTTP/", StringComparison.Ordinal)
            ? throw new IOException("what answers is no HTTP server")
            : status == "200" ? answer[(end + 4)..] : null;
    }
}
