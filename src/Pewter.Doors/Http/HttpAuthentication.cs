using Microsoft.AspNetCore.Connections.Features;
using Pewter.Doors.Identity;

namespace Pewter.Doors.Http;

/// <summary>
/// Finds out who makes a request: a bearer token where one is given, else the uid at the other end of a Unix socket, else a client
/// certificate. Looked at anew for each request, so a revocation counts at once. Safe from any thread.
/// </summary>
internal sealed class HttpAuthentication(DoorContext context)
{
    private const string Scheme = "Bearer ";

    /// <summary>Null when nothing is proven, or what was shown is not good.</summary>
    public HttpIdentity? Identify(HttpContext http)
    {
        var headers = http.Request.Headers.Authorization;
        if (headers.Count > 0)
        {
            var words = headers.Count == 1 && headers[0] is { } value && value.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
                ? value[Scheme.Length..].Trim()
                : null;
            return context.Tokens.Verify(words) is { } token
                ? new HttpIdentity(token.Grant.ToCaller(), token.Grant.PathPrefix, token.Ended)
                : null;
        }

        if (http.Features.Get<IConnectionSocketFeature>()?.Socket is { AddressFamily: System.Net.Sockets.AddressFamily.Unix } socket)
            return new HttpIdentity(PeerCredentials.Identify(socket, context.Locals).Caller!, "/", CancellationToken.None);
        return http.Connection.ClientCertificate is { } certificate && context.Authority?.Identify(certificate) is { } identity
            ? new HttpIdentity(identity.ToCaller(), "/", CancellationToken.None)
            : null;
    }
}
