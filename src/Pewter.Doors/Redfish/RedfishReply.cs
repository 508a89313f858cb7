using System.Text.Json;
using System.Text.Json.Nodes;
using Pewter.NineP;

namespace Pewter.Doors.Redfish;

/// <summary>Bodies of requests and responses, and errors in the form of DSP0266, 8.6.</summary>
internal static class RedfishReply
{
    private const int BodyBytes = 64 * 1024;

    public static async Task SendAsync(HttpContext http, JsonObject document)
    {
        http.Response.ContentType = "application/json; charset=utf-8";
        http.Response.Headers["OData-Version"] = "4.0";
        await http.Response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(document), http.RequestAborted);
    }

    public static Task FailAsync(HttpContext http, int status, string sentence)
    {
        http.Response.StatusCode = status;
        return SendAsync(http, new JsonObject
        {
            ["error"] = new JsonObject
            {
                ["code"] = "Base.1.8.GeneralError",
                ["message"] = sentence,
                ["@Message.ExtendedInfo"] = new JsonArray(new JsonObject
                {
                    ["@odata.type"] = "#Message.v1_1_1.Message", ["MessageId"] = "Base.1.8.GeneralError", ["Message"] = sentence,
                }),
            },
        });
    }

    /// <summary>The JSON object that a request carries. EINVAL when it carries none, EFBIG when it is too large.</summary>
    public static async ValueTask<JsonObject> ReadAsync(HttpRequest request, CancellationToken cancellation)
    {
        using var body = new MemoryStream();
        var buffer = new byte[4096];
        while (await request.Body.ReadAsync(buffer, cancellation) is > 0 and var count)
        {
            if (body.Length + count > BodyBytes)
                throw new FileException(Errno.EFBIG, $"A request carries at most {BodyBytes} bytes.");
            body.Write(buffer, 0, count);
        }

        try
        {
            return JsonNode.Parse(body.ToArray()) as JsonObject ?? throw new FileException(Errno.EINVAL, "The body is no JSON object.");
        }
        catch (JsonException broken)
        {
            throw new FileException(Errno.EINVAL, $"The body is no JSON: {broken.Message}", broken);
        }
    }
}
