using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Pewter.Bmc.Redfish;

/// <summary>
/// JSON documents of one Redfish service, with every failure as a <see cref="BmcException"/>. May be used by several tasks at once.
/// </summary>
internal sealed class RedfishClient : IDisposable
{
    private readonly HttpClient _http;
    private readonly BmcAddress _address;
    private readonly BmcLimits _limits;

    public RedfishClient(BmcAddress address, BmcCredentials credentials, BmcLimits limits)
    {
        (_address, _limits) = (address, limits);
        var handler = new SocketsHttpHandler
        {
            // A redirect of a controller could lead the password elsewhere.
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            ConnectTimeout = limits.Operation,
            SslOptions = { RemoteCertificateValidationCallback = IsTrusted },
        };
        var scheme = address.IsPlain ? Uri.UriSchemeHttp : Uri.UriSchemeHttps;
        _http = new HttpClient(handler) { BaseAddress = new UriBuilder(scheme, address.Host, address.Port).Uri, Timeout = limits.Operation };
        _http.MaxResponseContentBufferSize = limits.DocumentBytes;
        var secret = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{credentials.User}:{credentials.Password}"));
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", secret);
        _http.DefaultRequestHeaders.Accept.ParseAdd("application/json");
        _http.DefaultRequestHeaders.Add("OData-Version", "4.0");
    }

    public void Dispose() => _http.Dispose();

    /// <summary>Reads a resource, and its entity tag if it has one.</summary>
    public async ValueTask<(JsonObject Document, string? Tag)> GetAsync(string path, CancellationToken cancellation)
    {
        using var response = await SendAsync(HttpMethod.Get, path, null, null, cancellation);
        return (await ReadAsync(response, path, cancellation), response.Headers.ETag?.ToString());
    }

    /// <summary>Changes members of a resource.</summary>
    public async ValueTask PatchAsync(string path, JsonObject change, string? tag, CancellationToken cancellation) =>
        (await SendAsync(HttpMethod.Patch, path, change, tag, cancellation)).Dispose();

    /// <summary>Calls an action.</summary>
    public async ValueTask PostAsync(string path, JsonObject arguments, CancellationToken cancellation) =>
        (await SendAsync(HttpMethod.Post, path, arguments, null, cancellation)).Dispose();

    private async ValueTask<HttpResponseMessage> SendAsync(
        HttpMethod method, string path, JsonObject? body, string? tag, CancellationToken cancellation)
    {
        // A path comes from the controller's own documents, and may be none.
        if (!path.StartsWith('/') || path.StartsWith("//", StringComparison.Ordinal) || !Uri.TryCreate(path, UriKind.Relative, out var uri))
            throw new BmcException(BmcFault.Broken, $"{_address} named a resource '{path}', which is no path of its own.");
        using var request = new HttpRequestMessage(method, uri);
        if (body is not null)
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        if (tag is not null)
            request.Headers.TryAddWithoutValidation("If-Match", tag);
        try
        {
            var response = await _http.SendAsync(request, cancellation);
            if (response.IsSuccessStatusCode)
                return response;
            using (response)
                throw Refusal(response.StatusCode, path, await SentenceAsync(response, cancellation));
        }
        catch (HttpRequestException failure)
        {
            throw Unreachable(failure);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new BmcException(BmcFault.Silent, $"{_address} did not answer '{method} {path}' within {_limits.Operation.TotalSeconds} s.");
        }
    }

    private BmcException Unreachable(HttpRequestException failure) => failure.HttpRequestError switch
    {
        HttpRequestError.SecureConnectionError => new(
            BmcFault.Denied,
            $"The certificate of {_address} is not trusted. Add ?fingerprint=SHA256 of it to the address, or install its authority.",
            failure),
        HttpRequestError.ConfigurationLimitExceeded => new(
            BmcFault.Broken, $"{_address} sent a document of more than {_limits.DocumentBytes} bytes.", failure),
        HttpRequestError.InvalidResponse or HttpRequestError.ResponseEnded => new(
            BmcFault.Broken, $"{_address} does not speak HTTP: {failure.Message}", failure),
        _ => new(BmcFault.Silent, $"{_address} cannot be reached: {failure.Message}", failure),
    };

    private BmcException Refusal(HttpStatusCode status, string path, string sentence) => status switch
    {
        HttpStatusCode.Unauthorized => new(BmcFault.Denied, $"{_address}: the user or the password is wrong. {sentence}".Trim()),
        HttpStatusCode.Forbidden => new(BmcFault.Denied, $"{_address}: the user may not do this. {sentence}".Trim()),
        HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed or HttpStatusCode.NotImplemented => new(
            BmcFault.Unsupported, $"{_address} has no {path}. {sentence}".Trim()),
        _ => new(BmcFault.Refused, $"{_address} refused with HTTP {(int)status}. {sentence}".Trim()),
    };

    private async ValueTask<JsonObject> ReadAsync(HttpResponseMessage response, string path, CancellationToken cancellation)
    {
        try
        {
            if (JsonNode.Parse(await response.Content.ReadAsByteArrayAsync(cancellation)) is JsonObject document)
                return document;
        }
        catch (JsonException)
        {
            // The same as a document that is no object.
        }

        throw new BmcException(BmcFault.Broken, $"{_address} answers at {path} with something that is no JSON object.");
    }

    /// <summary>The first sentence of an error (DSP0266, 8.6 "Error responses"), or nothing.</summary>
    private static async ValueTask<string> SentenceAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        try
        {
            var error = JsonNode.Parse(await response.Content.ReadAsByteArrayAsync(cancellation))?["error"];
            return ((error?["@Message.ExtendedInfo"] as JsonArray)?[0]?["Message"] ?? error?["message"])?.ToString() ?? "";
        }
        catch (Exception none) when (none is JsonException or InvalidOperationException or ArgumentOutOfRangeException)
        {
            return "";
        }
    }

    private bool IsTrusted(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors) =>
        _address.Fingerprint is { } pinned
        ? certificate is not null && Convert.ToHexStringLower(SHA256.HashData(certificate.GetRawCertData())) == pinned
        : errors == SslPolicyErrors.None;
}
