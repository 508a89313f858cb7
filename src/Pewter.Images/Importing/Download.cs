using System.Net;
using System.Net.Http.Headers;
using Pewter.Images.Library;
using Pewter.NineP;

namespace Pewter.Images.Importing;

/// <summary>Fetches a file over HTTP; one that was cut goes on where it ended.</summary>
internal static class Download
{
    private const int ChunkBytes = 1 << 20;

    private static readonly HttpClient Client = new(new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(20) })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    /// <summary>Fetches into a file, going on at its end if it is there.</summary>
    /// <exception cref="FileException">The server refused, or the connection ended early; what came is kept.</exception>
    public static async ValueTask RunAsync(Uri source, string path, Action<TransferProgress> told, CancellationToken cancellation)
    {
        try
        {
            await FetchAsync(source, path, told, cancellation);
        }
        catch (Exception failure) when (failure is HttpRequestException or HttpIOException or IOException)
        {
            var sentence = $"{source} could not be fetched: {failure.Message} The same import again goes on from there.";
            throw new FileException(Errno.EAGAIN, sentence, failure);
        }
    }

    private static async ValueTask FetchAsync(Uri source, string path, Action<TransferProgress> told, CancellationToken cancellation)
    {
        await using var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write);
        using var request = new HttpRequestMessage(HttpMethod.Get, source);
        if (file.Length > 0)
        {
            request.Headers.Range = new RangeHeaderValue(file.Length, null);
        }

        using var response = await Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
        if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable && response.Content.Headers.ContentRange?.Length == file.Length)
        {
            return;
        }

        if (!response.IsSuccessStatusCode)
        {
            throw new FileException(Errno.EIO, $"{source} answered {(int)response.StatusCode} {response.ReasonPhrase}.");
        }

        // A server that does not go on begins anew.
        file.SetLength(response.StatusCode == HttpStatusCode.PartialContent ? file.Length : 0);
        file.Seek(0, SeekOrigin.End);
        var progress = new TransferProgress("fetch", file.Length + response.Content.Headers.ContentLength) { Done = file.Length };
        told(progress);
        await using var body = await response.Content.ReadAsStreamAsync(cancellation);
        var chunk = new byte[ChunkBytes];
        while (await body.ReadAsync(chunk, cancellation) is > 0 and var count)
        {
            await file.WriteAsync(chunk.AsMemory(0, count), cancellation);
            progress.Done += count;
        }

        file.Flush(flushToDisk: true);
    }
}
