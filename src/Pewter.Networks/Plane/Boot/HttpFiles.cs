using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Pewter.Networks.Plane.Boot;

/// <summary>
/// Serves boot scripts and boot files by HTTP/1.1: GET and HEAD, ranges, connections that are kept. Nothing but what
/// the plan names is reached by any path.
/// </summary>
internal sealed class HttpFiles(Func<SegmentPlan> plan, PlaneLog log)
{
    public const int Port = 80;
    private const int LongestHead = 8192;
    private const int PieceBytes = 128 << 10;

    public Task RunAsync(Socket listener, CancellationToken stop) => StreamLoop.RunAsync(listener, ServeAsync, log, stop);

    private async Task ServeAsync(Socket client, CancellationToken stop)
    {
        client.NoDelay = true;
        var buffer = new byte[LongestHead];
        var filled = 0;
        while (true)
        {
            int end;
            while ((end = buffer.AsSpan(0, filled).IndexOf("\r\n\r\n"u8)) < 0)
            {
                var count = filled == buffer.Length ? 0 : await client.ReceiveAsync(buffer.AsMemory(filled), SocketFlags.None, stop);
                if (count == 0)
                {
                    return;
                }

                filled += count;
            }

            var head = Encoding.ASCII.GetString(buffer, 0, end);
            buffer.AsSpan((end + 4)..filled).CopyTo(buffer);
            filled -= end + 4;
            if (!await AnswerAsync(client, head.Split("\r\n"), stop))
            {
                return;
            }
        }
    }

    private async Task<bool> AnswerAsync(Socket client, string[] head, CancellationToken stop)
    {
        if (head[0].Split(' ') is not [var method, var target, var version] || method is not ("GET" or "HEAD"))
        {
            await HeadAsync(client, "405 Method Not Allowed", 0, null, keep: false, stop);
            return false;
        }

        var keep = version == "HTTP/1.1" && Header(head, "connection")?.Equals("close", StringComparison.OrdinalIgnoreCase) != true;
        var path = Uri.UnescapeDataString(target.Split('?')[0]);
        log.Tell($"http {method} {path}");
        if (!plan().Admits(path, client.RemoteEndPoint))
        {
            await HeadAsync(client, "403 Forbidden", 0, null, keep, stop);
            return keep;
        }

        if (path.StartsWith("/boot/", StringComparison.Ordinal) && plan().Scripts.TryGetValue(path["/boot/".Length..], out var script))
        {
            var bytes = Encoding.UTF8.GetBytes(script);
            await HeadAsync(client, "200 OK", bytes.Length, null, keep, stop);
            return method == "HEAD" || await SendAsync(client, bytes, stop) ? keep : false;
        }

        if (plan().Files.GetValueOrDefault(path) is not { } file || !File.Exists(file))
        {
            await HeadAsync(client, "404 Not Found", 0, null, keep, stop);
            return keep;
        }

        await SendFileAsync(client, file, method, Header(head, "range"), keep, stop);
        return keep;
    }

    private static async Task SendFileAsync(Socket client, string path, string method, string? range, bool keep, CancellationToken stop)
    {
        using var file = File.OpenHandle(path);
        var length = RandomAccess.GetLength(file);
        var (first, last, isPart) = Part(range, length);
        if (first > last && length > 0)
        {
            await HeadAsync(client, "416 Range Not Satisfiable", 0, $"bytes */{length}", keep, stop);
            return;
        }

        var content = isPart ? string.Create(CultureInfo.InvariantCulture, $"bytes {first}-{last}/{length}") : null;
        await HeadAsync(client, isPart ? "206 Partial Content" : "200 OK", last - first + 1, content, keep, stop);
        if (method == "HEAD")
        {
            return;
        }

        var buffer = new byte[PieceBytes];
        while (first <= last)
        {
            var count = await RandomAccess.ReadAsync(file, buffer.AsMemory(0, (int)Math.Min(buffer.Length, last - first + 1)), first, stop);
            if (count == 0)
            {
                throw new IOException($"{path} became shorter while it was sent.");
            }

            await SendAsync(client, buffer.AsMemory(0, count), stop);
            first += count;
        }
    }

    /// <summary>The bytes that a range asks for (RFC 9110, 14.1.2); one range is understood, others are as if not asked for.</summary>
    private static (long First, long Last, bool IsPart) Part(string? range, long length)
    {
        if (range is null || !range.StartsWith("bytes=", StringComparison.Ordinal) || range["bytes=".Length..].Split('-') is not [var from, var to])
        {
            return (0, length - 1, false);
        }

        var hasFirst = long.TryParse(from, NumberStyles.None, CultureInfo.InvariantCulture, out var first);
        var hasLast = long.TryParse(to, NumberStyles.None, CultureInfo.InvariantCulture, out var last);
        return (hasFirst, hasLast) switch
        {
            (true, true) => (first, Math.Min(last, length - 1), true),
            (true, false) => (first, length - 1, true),
            (false, true) => (Math.Max(0, length - last), length - 1, true),
            _ => (0, length - 1, false),
        };
    }

    private static string? Header(string[] head, string name) => head.Skip(1)
        .Select(line => line.Split(':', 2))
        .FirstOrDefault(pair => pair.Length == 2 && pair[0].Trim().Equals(name, StringComparison.OrdinalIgnoreCase))?[1].Trim();

    private static Task<bool> HeadAsync(Socket client, string status, long length, string? range, bool keep, CancellationToken stop)
    {
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"HTTP/1.1 {status}\r\nContent-Length: {length}\r\nAccept-Ranges: bytes\r\n{(range is null ? "" : $"Content-Range: {range}\r\n")}"
            + $"Connection: {(keep ? "keep-alive" : "close")}\r\n\r\n");
        return SendAsync(client, Encoding.ASCII.GetBytes(text), stop);
    }

    private static async Task<bool> SendAsync(Socket client, ReadOnlyMemory<byte> bytes, CancellationToken stop)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[await client.SendAsync(bytes, SocketFlags.None, stop)..];
        }

        return true;
    }
}
