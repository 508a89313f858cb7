using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;
using Pewter.NineP;

namespace Pewter.Doors.Http;

/// <summary>A failure as RFC 9457 writes it, with the errno and its name, and the results of a ctl where there are some.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Errno">The errno; <see cref="Errno.None"/> when the failure is HTTP's own.</param>
/// <param name="Detail">What is wrong and what to do.</param>
/// <param name="Results">Lines of JSON that a ctl gave before it failed.</param>
internal sealed record Problem(int Status, Errno Errno, string Detail, IReadOnlyList<string>? Results = null)
{
    private const string ContentType = "application/problem+json";

    public static Problem Of(FileException failure, IReadOnlyList<string>? results = null) =>
        new(ErrnoStatus.Of(failure.Errno), failure.Errno, failure.Message, results);

    public async Task WriteAsync(HttpContext http)
    {
        http.Response.Clear();
        http.Response.StatusCode = Status;
        http.Response.ContentType = ContentType;
        if (Status == StatusCodes.Status401Unauthorized)
            http.Response.Headers.WWWAuthenticate = "Bearer realm=\"pewter\"";
        var json = ToJson();
        http.Response.ContentLength = json.Length;
        if (!HttpMethods.IsHead(http.Request.Method))
            await http.Response.Body.WriteAsync(json, http.RequestAborted);
    }

    public ReadOnlyMemory<byte> ToJson()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("type"u8, "about:blank"u8);
            json.WriteString("title"u8, ReasonPhrases.GetReasonPhrase(Status));
            json.WriteNumber("status"u8, Status);
            json.WriteString("detail"u8, Detail);
            if (Errno != Errno.None)
            {
                json.WriteNumber("errno"u8, (int)Errno);
                json.WriteString("name"u8, Errno.ToString());
            }

            if (Results is not null)
                JsonLines.WriteArray(json, "results", Results);
            json.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }
}
