using System.Text;
using Microsoft.AspNetCore.Connections.Features;
using Pewter.Doors.Identity;

namespace Pewter.Doors.Http;

/// <summary>
/// Finds out who makes a request: a token where one is given, else the uid at the other end of a Unix socket, else a client
/// certificate. Looked at anew for each request, so a revocation counts at once. Safe from any thread.
/// </summary>
internal sealed class HttpAuthentication(DoorContext context)
{
    private const string BearerScheme = "Bearer ";
    private const string BasicScheme = "Basic ";

    /// <summary>Null when nothing is proven, or what was shown is not good.</summary>
    public HttpIdentity? Identify(HttpContext http)
    {
        var headers = http.Request.Headers.Authorization;
        if (headers.Count > 0)
        {
            return Bearer(headers.Count == 1 ? Secret(headers[0]!) : null);
        }

        // A session of Redfish, which is a token too.
        if (http.Request.Headers["X-Auth-Token"] is [{ } session])
            return Bearer(session);

        if (http.Features.Get<IConnectionSocketFeature>()?.Socket is { AddressFamily: System.Net.Sockets.AddressFamily.Unix } socket)
            return new HttpIdentity(PeerCredentials.Identify(socket, context.Locals).Caller!, "/", CancellationToken.None);
        return http.Connection.ClientCertificate is { } certificate && context.Authority?.Identify(certificate) is { } identity
            ? new HttpIdentity(identity.ToCaller(), "/", CancellationToken.None)
            : null;
    }

    private HttpIdentity? Bearer(string? secret) => context.Tokens.Verify(secret) is { } token
        ? new HttpIdentity(token.Grant.ToCaller(), token.Grant.PathPrefix, token.Ended)
        : null;

    /// <summary>The token in an Authorization header: a bearer's, or the password of Basic, where the user says nothing.</summary>
    private static string? Secret(string header)
    {
        if (header.StartsWith(BearerScheme, StringComparison.OrdinalIgnoreCase))
            return header[BearerScheme.Length..].Trim();
        if (!header.StartsWith(BasicScheme, StringComparison.OrdinalIgnoreCase))
            return null;
        var bytes = new byte[header.Length];
        return Convert.TryFromBase64String(header[BasicScheme.Length..].Trim(), bytes, out var count)
            && Encoding.UTF8.GetString(bytes, 0, count).Split(':', 2) is [_, var password] ? password : null;
    }
}
