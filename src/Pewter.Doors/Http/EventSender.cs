using System.Buffers;
using System.Globalization;
using System.Text;
using Pewter.NineP;
using Pewter.NineP.Serving;

namespace Pewter.Doors.Http;

/// <summary>
/// Sends a file as server-sent events (HTML, 9.2): a line an event, the line's <c>seq</c> its id, so that a browser that comes back resumes by
/// <c>Last-Event-ID</c>. Ends with an event <c>end</c>, or <c>error</c> with a problem. Used by one request.
/// </summary>
internal sealed class EventSender(HttpContext http, OpenFile open, DoorContext context)
{
    private readonly FileReading _reading = new(open);
    private byte[] _line = new byte[4096];
    private int _filled;

    public async Task SendAsync(CancellationToken cancellation)
    {
        http.Response.ContentType = "text/event-stream";
        http.Response.Headers.CacheControl = "no-store";
        // Tells a proxy not to gather what should arrive now.
        http.Response.Headers["X-Accel-Buffering"] = "no";
        await http.Response.StartAsync(cancellation);
        if (HttpMethods.IsHead(http.Request.Method))
            return;
        await http.Response.BodyWriter.FlushAsync(cancellation);
        try
        {
            while (await ReadAsync(cancellation) is > 0 and var count)
            {
                _filled += count;
                SendLines(isEnd: false);
                await http.Response.BodyWriter.FlushAsync(cancellation);
            }

            SendLines(isEnd: true);
            Write("event: end\ndata: {}\n\n"u8);
        }
        catch (FileException failure)
        {
            Write("event: error\ndata: "u8);
            Write(Problem.Of(failure).ToJson().Span);
            Write("\n\n"u8);
        }

        await http.Response.BodyWriter.FlushAsync(cancellation);
    }

    private async ValueTask<int> ReadAsync(CancellationToken cancellation)
    {
        if (_filled == _line.Length)
            Array.Resize(ref _line, Math.Min(2 * _line.Length, context.Limits.EventLineBytes));
        var space = _line.AsMemory(_filled);
        if (_reading.TryRead(space.Span, out var count))
            return count;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var read = _reading.ReadAsync(space, stop.Token).AsTask();
        try
        {
            while (await Task.WhenAny(read, Task.Delay(context.Limits.HeartbeatInterval, context.Time, stop.Token)) != read)
            {
                cancellation.ThrowIfCancellationRequested();
                Write(": \n\n"u8);
                await http.Response.BodyWriter.FlushAsync(cancellation);
            }

            return await read;
        }
        finally
        {
            await stop.CancelAsync();
            // The buffer is ours again only when the read is over.
            await read.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }

    private void SendLines(bool isEnd)
    {
        var rest = _line.AsSpan(0, _filled);
        while (rest.IndexOf((byte)'\n') is >= 0 and var end)
        {
            SendLine(rest[..end]);
            rest = rest[(end + 1)..];
        }

        if (!rest.IsEmpty && (isEnd || rest.Length == context.Limits.EventLineBytes))
        {
            SendLine(rest);
            rest = [];
        }

        rest.CopyTo(_line);
        _filled = rest.Length;
    }

    private void SendLine(ReadOnlySpan<byte> line)
    {
        if (JsonLines.NumberOf(line) is { } number)
            Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"id: {number}\n")));
        Write("data: "u8);
        Write(line.TrimEnd((byte)'\r'));
        Write("\n\n"u8);
    }

    private void Write(ReadOnlySpan<byte> bytes) => http.Response.BodyWriter.Write(bytes);
}
