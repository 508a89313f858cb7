using System.Buffers;
using Pewter.NineP.Serving;

namespace Pewter.Doors.Http;

/// <summary>Sends a file as it is: with its length when all is there at once, else piece by piece as it comes.</summary>
internal static class RawSender
{
    private const int PieceBytes = 64 * 1024;

    /// <param name="http">The request.</param>
    /// <param name="open">The open, from its start.</param>
    /// <param name="contentType">What to call it.</param>
    /// <param name="atOnce">Whether the headers go out before the first byte is there.</param>
    /// <param name="cancellation">Ends it.</param>
    public static async Task SendAsync(
        HttpContext http, OpenFile open, string contentType, bool atOnce, CancellationToken cancellation)
    {
        var reading = new FileReading(open);
        var buffer = ArrayPool<byte>.Shared.Rent(PieceBytes);
        try
        {
            http.Response.ContentType = contentType;
            var (filled, isWhole) = Fill(reading, buffer);
            if (isWhole)
                http.Response.ContentLength = filled;
            else if (filled == 0 && !atOnce)
                filled = await reading.ReadAsync(buffer, cancellation);
            await http.Response.StartAsync(cancellation);
            if (HttpMethods.IsHead(http.Request.Method))
                return;
            await http.Response.Body.FlushAsync(cancellation);
            isWhole |= filled == 0 && !atOnce;
            while (true)
            {
                if (filled > 0)
                {
                    await http.Response.Body.WriteAsync(buffer.AsMemory(0, filled), cancellation);
                    await http.Response.Body.FlushAsync(cancellation);
                }

                if (isWhole || (filled = await reading.ReadAsync(buffer, cancellation)) == 0)
                    return;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static (int Filled, bool IsWhole) Fill(FileReading reading, byte[] buffer)
    {
        var filled = 0;
        while (filled < buffer.Length && reading.TryRead(buffer.AsSpan(filled), out var count))
        {
            if (count == 0)
                return (filled, true);
            filled += count;
        }

        return (filled, false);
    }
}
