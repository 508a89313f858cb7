using System.Text;
using System.Text.Json;
using Pewter.Doors.Identity;
using Pewter.NineP;
using Pewter.NineP.Serving;

namespace Pewter.Doors.Http;

/// <summary>Sends a directory: JSON, or names line by line.</summary>
internal static class DirectoryLister
{
    private const int EntriesAtOnce = 1024;

    public static async Task SendAsync(HttpContext http, FoundFile found, Caller caller, int limit, CancellationToken cancellation)
    {
        var kind = Accepting.Best(http.Request, MediaKind.Json);
        if (kind is not (MediaKind.Json or MediaKind.Text))
        {
            const string Offer = "A directory is sent as application/json or text/plain.";
            await new Problem(StatusCodes.Status406NotAcceptable, Errno.None, Offer).WriteAsync(http);
            return;
        }

        await using var open = await found.File.OpenAsync(OpenFlags.ReadOnly | OpenFlags.Directory, caller, cancellation);
        var (entries, isWhole) = await ListAsync(open, limit, cancellation);
        http.Response.ContentType = kind == MediaKind.Json ? "application/json" : "text/plain; charset=utf-8";
        if (kind == MediaKind.Json)
            WriteJson(http, found.Path, entries, isWhole);
        else
            Encoding.UTF8.GetBytes(string.Concat(entries.Select(entry => entry.Name + "\n")), http.Response.BodyWriter);
        await http.Response.BodyWriter.FlushAsync(cancellation);
    }

    private static async ValueTask<(List<(string Name, QidType Type)> Entries, bool IsWhole)> ListAsync(
        OpenFile open, int limit, CancellationToken cancellation)
    {
        var all = new List<(string Name, QidType Type)>();
        ulong cookie = 0;
        while (true)
        {
            var page = new Page();
            await open.ReadDirectoryAsync(cookie, page, cancellation);
            if (page.Entries.Count == 0)
                return (all, true);
            cookie = page.LastCookie;
            all.AddRange(page.Entries.Take(limit - all.Count));
            if (all.Count == limit)
                return (all, false);
        }
    }

    private static void WriteJson(HttpContext http, string path, List<(string Name, QidType Type)> entries, bool isWhole)
    {
        using var json = new Utf8JsonWriter(http.Response.BodyWriter);
        json.WriteStartObject();
        json.WriteString("path"u8, path);
        json.WriteStartArray("entries"u8);
        foreach (var (name, type) in entries)
        {
            json.WriteStartObject();
            json.WriteString("name"u8, name);
            json.WriteString("type"u8, type.HasFlag(QidType.Directory) ? "directory"u8 : type.HasFlag(QidType.Symlink) ? "link"u8 : "file"u8);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteBoolean("truncated"u8, !isWhole);
        json.WriteEndObject();
    }

    private sealed class Page : DirectoryPage
    {
        public List<(string Name, QidType Type)> Entries { get; } = [];

        public ulong LastCookie { get; private set; }

        public override bool TryAdd(Qid qid, ulong cookie, string name)
        {
            if (Entries.Count == EntriesAtOnce)
                return false;
            Entries.Add((name, qid.Type));
            LastCookie = cookie;
            return true;
        }
    }
}
