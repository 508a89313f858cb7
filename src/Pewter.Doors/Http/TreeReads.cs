using System.Globalization;
using System.Text;
using System.Text.Json;
using Pewter.Doors.Identity;
using Pewter.NineP;
using Pewter.NineP.Serving;

namespace Pewter.Doors.Http;

/// <summary>GET of a file or directory of the tree. Safe from any thread.</summary>
internal sealed class TreeReads(DoorContext context, TreeWalker walker)
{
    private const string JsonType = "application/json";

    public async Task GetAsync(HttpContext http, HttpIdentity who, string path, CancellationToken cancellation)
    {
        var scope = await walker.ResolveScopeAsync(who.PathPrefix, cancellation);
        var found = await walker.FindAsync(path, who.Caller, scope, cancellation);
        if (found.File.Qid.Type.HasFlag(QidType.Directory))
        {
            await DirectoryLister.SendAsync(http, found, who.Caller, context.Limits.ListedEntries, cancellation);
            return;
        }

        var kind = Accepting.Best(http.Request, MediaKind.Text);
        if (kind == MediaKind.None)
        {
            const string Offer = "A file is sent as text/plain, text/event-stream, or application/ json, x-ndjson or octet-stream.";
            await new Problem(StatusCodes.Status406NotAcceptable, Errno.None, Offer).WriteAsync(http);
            return;
        }

        if (kind == MediaKind.Json && found.Name == "status")
            found = await SiblingAsync(found, who.Caller, cancellation) ?? found;
        await using var open = await OpenAsync(http.Request, found, who.Caller, cancellation);
        await SendAsync(http, found, open, kind, cancellation);
    }

    private async Task SendAsync(HttpContext http, FoundFile found, OpenFile open, MediaKind kind, CancellationToken cancellation)
    {
        switch (kind)
        {
            case MediaKind.Events:
                await new EventSender(http, open, context).SendAsync(cancellation);
                break;
            case MediaKind.Json when found.Name != "json":
                await SendJsonAsync(http, found, open, cancellation);
                break;
            case MediaKind.Bytes:
                await RawSender.SendAsync(http, open, "application/octet-stream", atOnce: true, cancellation);
                break;
            case MediaKind.Lines:
                await RawSender.SendAsync(http, open, "application/x-ndjson", atOnce: true, cancellation);
                break;
            default:
                var type = found.Name == "json" ? JsonType : "text/plain; charset=utf-8";
                await RawSender.SendAsync(http, open, type, atOnce: false, cancellation);
                break;
        }
    }

    // A text that is JSON is sent as it is, any other inside of an object.
    private async Task SendJsonAsync(HttpContext http, FoundFile found, OpenFile open, CancellationToken cancellation)
    {
        var text = await new FileReading(open).ReadTextAsync(context.Limits.CommandBytes, cancellation);
        http.Response.ContentType = JsonType;
        if (JsonLines.IsDocument(text))
        {
            await http.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(text), cancellation);
            return;
        }

        using (var json = new Utf8JsonWriter(http.Response.BodyWriter))
        {
            json.WriteStartObject();
            json.WriteString("path"u8, found.Path);
            json.WriteString("text"u8, text);
            json.WriteEndObject();
        }

        await http.Response.BodyWriter.FlushAsync(cancellation);
    }

    private static async ValueTask<FoundFile?> SiblingAsync(FoundFile found, Caller caller, CancellationToken cancellation)
    {
        var json = await found.Directory.WalkAsync("json", caller, cancellation);
        return json is null || json.Qid.Type.HasFlag(QidType.Symlink)
            ? null
            : new FoundFile(json, found.Path[..^found.Name.Length] + "json", found.Directory);
    }

    /// <summary>Opens; where a stream shall begin (<c>Last-Event-ID</c>, <c>since</c>) or what to wait for (<c>state</c>) is written first.</summary>
    private static async ValueTask<OpenFile> OpenAsync(HttpRequest request, FoundFile found, Caller caller, CancellationToken cancellation)
    {
        var first = FirstLine(request);
        var open = await found.File.OpenAsync(first is null ? OpenFlags.ReadOnly : OpenFlags.ReadWrite, caller, cancellation);
        try
        {
            if (first is not null)
                await open.WriteAsync(0, Encoding.UTF8.GetBytes(first + "\n"), cancellation);
            return open;
        }
        catch
        {
            await open.DisposeAsync();
            throw;
        }
    }

    private static string? FirstLine(HttpRequest request)
    {
        var since = request.Headers["Last-Event-ID"].FirstOrDefault() ?? request.Query["since"].FirstOrDefault();
        if (since is null)
            return request.Query["state"].FirstOrDefault() is { Length: > 0 } state ? state : null;
        return ulong.TryParse(since, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? string.Create(CultureInfo.InvariantCulture, $"since {number}")
            : throw new FileException(Errno.EINVAL, "`since` and Last-Event-ID are the number of an event.");
    }
}
