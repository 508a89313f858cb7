using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Pewter.Images.Tests.Importing;

/// <summary>
/// Serves one content over HTTP on loopback, with ranges, and hangs up in the middle when it is told to. What was asked for is written down.
/// </summary>
internal sealed class FileServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly byte[] _content;
    private readonly Task _serving;

    public FileServer(byte[] content)
    {
        _content = content;
        _listener.Start();
        Uri = $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/golden.raw";
        _serving = ServeAsync();
    }

    public string Uri { get; }

    /// <summary>How many bytes of a body are sent before the connection is cut; null: all.</summary>
    public int? CutAfter { get; set; }

    /// <summary>The first byte that each request asked for.</summary>
    public List<int> Begins { get; } = [];

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _serving;
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                using var client = await _listener.AcceptTcpClientAsync();
                await AnswerAsync(client.GetStream());
            }
        }
        catch (Exception end) when (end is SocketException or ObjectDisposedException)
        {
            // Stopped.
        }
    }

    private async Task AnswerAsync(NetworkStream stream)
    {
        using var reader = new StreamReader(stream, Encoding.ASCII, false, 1024, leaveOpen: true);
        var begin = 0;
        while (await reader.ReadLineAsync() is { Length: > 0 } line)
        {
            if (line.StartsWith("Range: bytes=", StringComparison.Ordinal))
            {
                begin = int.Parse(line["Range: bytes=".Length..].TrimEnd('-'), CultureInfo.InvariantCulture);
            }
        }

        Begins.Add(begin);
        var range = begin == 0 ? "200 OK\r\n" : $"206 Partial Content\r\nContent-Range: bytes {begin}-{_content.Length - 1}/{_content.Length}\r\n";
        var head = $"HTTP/1.1 {range}Content-Length: {_content.Length - begin}\r\nConnection: close\r\n\r\n";
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head));
        await stream.WriteAsync(_content.AsMemory(begin, Math.Min(_content.Length - begin, CutAfter ?? int.MaxValue)));
    }
}
