using Microsoft.Net.Http.Headers;

namespace Pewter.Doors.Http;

/// <summary>The forms that a file can be sent in.</summary>
internal enum MediaKind
{
    /// <summary>None of those that were asked for.</summary>
    None,

    /// <summary>As it is, as text; the form when nothing special is asked for.</summary>
    Text,

    /// <summary>JSON.</summary>
    Json,

    /// <summary>Server-sent events, an event a line.</summary>
    Events,

    /// <summary>As it is, as lines of JSON.</summary>
    Lines,

    /// <summary>As it is, as bytes, piece by piece as they come.</summary>
    Bytes,
}

/// <summary>Reads <c>Accept</c> (RFC 9110, 12.5.1).</summary>
internal static class Accepting
{
    /// <summary>The form that is liked best; <paramref name="ifAny"/> when anything will do.</summary>
    public static MediaKind Best(HttpRequest request, MediaKind ifAny)
    {
        if (request.Headers.Accept.Count == 0 || !MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out var accepted))
            return ifAny;
        foreach (var media in accepted.Where(media => media.Quality is not 0).OrderByDescending(media => media.Quality ?? 1))
        {
            var kind = Of(media.MediaType.Value, ifAny);
            if (kind != MediaKind.None)
                return kind;
        }

        return MediaKind.None;
    }

    private static MediaKind Of(string? mediaType, MediaKind ifAny) => mediaType?.ToLowerInvariant() switch
    {
        "application/json" => MediaKind.Json,
        "text/event-stream" => MediaKind.Events,
        "application/x-ndjson" => MediaKind.Lines,
        "application/octet-stream" => MediaKind.Bytes,
        "text/plain" or "text/*" => MediaKind.Text,
        "*/*" or "application/*" => ifAny,
        _ => MediaKind.None,
    };
}
