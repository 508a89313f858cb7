using System.Globalization;
using Pewter.NineP;

namespace Pewter.Sdk;

/// <summary>Where a daemon listens: <c>unix:PATH</c>, <c>tcp://HOST:PORT</c> or <c>tls://HOST:PORT</c>. Immutable.</summary>
/// <param name="Kind">The transport.</param>
/// <param name="Address">The path, or the host.</param>
/// <param name="Port">The port; 0 for a path.</param>
/// <param name="Token">The token to show, or null.</param>
public sealed record PewterEndpoint(EndpointKind Kind, string Address, int Port = 0, string? Token = null)
{
    /// <summary>What a TLS connection is made with.</summary>
    public TlsFiles Tls { get; init; } = new();

    /// <summary>The port of 9P where none is named.</summary>
    public const int DefaultPort = 564;

    /// <summary>The variables that tell where the daemon is, in the order of their weight.</summary>
    private static readonly string[] Variables = ["PEWTER_SOCKET", "PEWTER_URL"];

    /// <summary>
    /// The daemon of this environment: what <c>PEWTER_SOCKET</c> or <c>PEWTER_URL</c> says, with <c>PEWTER_TOKEN</c> and
    /// <c>PEWTER_TLS_CA</c>, <c>PEWTER_TLS_CERT</c>, <c>PEWTER_TLS_KEY</c>, or the socket in the state directory
    /// <c>PEWTER_STATE</c>, or else this machine's.
    /// </summary>
    public static PewterEndpoint Default()
    {
        var token = Variable("PEWTER_TOKEN");
        var named = Variables.Select(Variable).FirstOrDefault(value => value is not null);
        var endpoint = named is not null ? Parse(named, token) : new PewterEndpoint(EndpointKind.Unix, UsualSocket(), Token: token);
        return endpoint with { Tls = new(Variable("PEWTER_TLS_CA"), Variable("PEWTER_TLS_CERT"), Variable("PEWTER_TLS_KEY")) };
    }

    /// <summary>Reads an address; a bare path is a Unix socket. EINVAL when it is none.</summary>
    public static PewterEndpoint Parse(string text, string? token = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.StartsWith("unix:", StringComparison.Ordinal) || text.StartsWith('/') || text.StartsWith('.'))
        {
            var path = text.StartsWith("unix:", StringComparison.Ordinal) ? text[5..] : text;
            return new PewterEndpoint(EndpointKind.Unix, path.StartsWith("//", StringComparison.Ordinal) ? path[2..] : path, 0, token);
        }

        if (Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Host.Length != 0 && uri.Scheme is "tcp" or "tls")
        {
            var kind = uri.Scheme == "tls" ? EndpointKind.Tls : EndpointKind.Tcp;
            return new PewterEndpoint(kind, uri.IdnHost, uri.Port > 0 ? uri.Port : DefaultPort, token);
        }

        throw new FileException(Errno.EINVAL, $"'{text}' is no address; write unix:PATH, tcp://HOST:PORT or tls://HOST:PORT.");
    }

    /// <summary>The address as written, without the token.</summary>
    public override string ToString() => Kind == EndpointKind.Unix
        ? "unix:" + Address
        : string.Create(CultureInfo.InvariantCulture, $"{(Kind == EndpointKind.Tls ? "tls" : "tcp")}://{Address}:{Port}");

    private static string UsualSocket()
    {
        if (Variable("PEWTER_STATE") is { } state)
        {
            return $"{state}/run/9p.sock";
        }

        if (Environment.IsPrivilegedProcess)
        {
            return "/run/pewter/9p.sock";
        }

        var below = Variable("XDG_STATE_HOME") ?? $"{Variable("HOME") ?? ""}/.local/state";
        return Variable("XDG_RUNTIME_DIR") is { } run ? $"{run}/pewter/9p.sock" : $"{below}/pewter/run/9p.sock";
    }

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
