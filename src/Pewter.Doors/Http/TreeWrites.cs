using System.Buffers;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Pewter.Doors.Identity;
using Pewter.NineP;
using Pewter.NineP.Serving;

namespace Pewter.Doors.Http;

/// <summary>
/// PUT and POST to a file of the tree. To a ctl or clone: commands, answered with their results. To any other file: PUT replaces the content and
/// makes the file where the directory allows it, POST feeds or appends. Safe from any thread.
/// </summary>
internal sealed class TreeWrites(DoorContext context, TreeWalker walker)
{
    private const int PieceBytes = 64 * 1024;
    private const uint NewFileMode = 0x1A4;

    public async Task WriteAsync(HttpContext http, HttpIdentity who, string path, CancellationToken cancellation)
    {
        var scope = await walker.ResolveScopeAsync(who.PathPrefix, cancellation);
        FoundFile found;
        try
        {
            found = await walker.FindAsync(path, who.Caller, scope, cancellation);
        }
        catch (FileException missing) when (missing.Errno == Errno.ENOENT && HttpMethods.IsPut(http.Request.Method))
        {
            await CreateAsync(http, who, path, scope, cancellation);
            return;
        }

        if (found.Name is "ctl" or "clone")
        {
            await CommandAsync(http, found, who.Caller, cancellation);
            return;
        }

        var how = HttpMethods.IsPut(http.Request.Method) ? OpenFlags.Truncate : OpenFlags.Append;
        await using var open = await found.File.OpenAsync(OpenFlags.WriteOnly | how, who.Caller, cancellation);
        await CopyAsync(http, open, cancellation);
        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static async Task CreateAsync(
        HttpContext http, HttpIdentity who, string path, PathScope scope, TreeWalker walker, CancellationToken cancellation)
    {
        var names = TreeWalker.Split(path);
        var parent = await walker.FindAsync("/" + string.Join('/', names.SkipLast(1)), who.Caller, scope, cancellation);
        await using var open = await parent.File.CreateAsync(
            names[^1], OpenFlags.WriteOnly | OpenFlags.Create, NewFileMode, who.Caller, cancellation);
        await CopyAsync(http, open, cancellation);
        http.Response.StatusCode = StatusCodes.Status201Created;
    }

    private Task CreateAsync(HttpContext http, HttpIdentity who, string path, PathScope scope, CancellationToken cancellation) =>
        CreateAsync(http, who, path, scope, walker, cancellation);

    private static async Task CopyAsync(HttpContext http, OpenFile open, CancellationToken cancellation)
    {
        // A person may be typing the body.
        if (http.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
            rate.MinDataRate = null;
        var buffer = ArrayPool<byte>.Shared.Rent(PieceBytes);
        try
        {
            ulong offset = 0;
            while (await http.Request.Body.ReadAsync(buffer, cancellation) is > 0 and var count)
                offset = await WriteAllAsync(open, offset, buffer.AsMemory(0, count), cancellation);
            await open.SyncAsync(cancellation);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static async ValueTask<ulong> WriteAllAsync(
        OpenFile open, ulong offset, ReadOnlyMemory<byte> data, CancellationToken cancellation)
    {
        while (!data.IsEmpty)
        {
            var count = await open.WriteAsync(offset, data, cancellation);
            if (count == 0)
                throw new FileException(Errno.EIO, "The file takes no more.");
            data = data[count..];
            offset += (ulong)count;
        }

        return offset;
    }

    private async Task CommandAsync(HttpContext http, FoundFile found, Caller caller, CancellationToken cancellation)
    {
        var commands = await ReadCommandsAsync(http.Request, cancellation);
        await using var open = await found.File.OpenAsync(OpenFlags.ReadWrite, caller, cancellation);
        var results = new List<string>();
        if (found.Name == "clone")
        {
            var id = (await ReadResultsAsync(open, cancellation)).Trim();
            http.Response.Headers.Location = $"/v1/tree{found.Path[..^"clone".Length]}{id}";
            results.Add($$"""{"ok":true,"id":"{{JsonEncodedText.Encode(id)}}"}""");
        }

        FileException? failure = null;
        try
        {
            if (commands.Length > 0)
                await WriteAllAsync(open, 0, commands, cancellation);
        }
        catch (FileException refused)
        {
            failure = refused;
        }

        results.AddRange(JsonLines.Split(commands.Length > 0 ? await ReadResultsAsync(open, cancellation) : ""));
        if (failure is not null)
            await Problem.Of(failure, results).WriteAsync(http);
        else
            await SendResultsAsync(http, results, cancellation);
    }

    private async ValueTask<byte[]> ReadCommandsAsync(HttpRequest request, CancellationToken cancellation)
    {
        using var body = new MemoryStream();
        var buffer = new byte[8192];
        while (await request.Body.ReadAsync(buffer, cancellation) is > 0 and var count)
        {
            if (body.Length + count > context.Limits.CommandBytes)
                throw new FileException(Errno.EFBIG, $"A request carries at most {context.Limits.CommandBytes} bytes of commands.");
            body.Write(buffer, 0, count);
        }

        // A command without its newline is still one.
        if (body.Length > 0 && body.GetBuffer()[body.Length - 1] != '\n')
            body.WriteByte((byte)'\n');
        return body.ToArray();
    }

    private async ValueTask<string> ReadResultsAsync(OpenFile open, CancellationToken cancellation) =>
        await new FileReading(open).ReadTextAsync(16 * context.Limits.CommandBytes, cancellation);

    private static async Task SendResultsAsync(HttpContext http, List<string> results, CancellationToken cancellation)
    {
        if (Accepting.Best(http.Request, MediaKind.Lines) != MediaKind.Json)
        {
            http.Response.ContentType = "application/x-ndjson";
            await http.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(string.Concat(results.Select(line => line + "\n"))), cancellation);
            return;
        }

        http.Response.ContentType = "application/json";
        using (var json = new Utf8JsonWriter(http.Response.BodyWriter))
            JsonLines.WriteArray(json, null, results);
        await http.Response.BodyWriter.FlushAsync(cancellation);
    }
}
