using System.Globalization;

namespace Pewter.CommandLine.Connecting;

/// <summary>Where a daemon listens: <c>unix:PATH</c>, <c>tcp://HOST:PORT</c> or <c>tls://HOST:PORT</c>.</summary>
/// <param name="Kind">The transport.</param>
/// <param name="Address">The path, or the host.</param>
/// <param name="Port">The port; 0 for a path.</param>
/// <param name="Token">The token to show, or null.</param>
public sealed record TreeEndpoint(TransportKind Kind, string Address, int Port, string? Token)
{
    /// <summary>What a TLS connection is made with.</summary>
    public TlsFiles Tls { get; init; } = new(null, null, null);

    /// <summary>The port of 9P where none is named.</summary>
    public const int DefaultPort = 564;

    /// <summary>Reads an address; a bare path is a Unix socket.</summary>
    /// <exception cref="CommandException">The text is no address.</exception>
    public static TreeEndpoint Parse(string text, string? token)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.StartsWith("unix:", StringComparison.Ordinal) || text.StartsWith('/') || text.StartsWith('.'))
        {
            var path = text.StartsWith("unix:", StringComparison.Ordinal) ? text[5..] : text;
            return new TreeEndpoint(TransportKind.Unix, path.StartsWith("//", StringComparison.Ordinal) ? path[2..] : path, 0, token);
        }

        if (Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Host.Length != 0 && uri.Scheme is "tcp" or "tls")
        {
            var kind = uri.Scheme == "tls" ? TransportKind.Tls : TransportKind.Tcp;
            return new TreeEndpoint(kind, uri.IdnHost, uri.Port > 0 ? uri.Port : DefaultPort, token);
        }

        throw new CommandException($"'{text}' is no address; write unix:PATH, tcp://HOST:PORT or tls://HOST:PORT.", ExitCode.Usage);
    }

    /// <summary>The address as written, without the token.</summary>
    public override string ToString() => Kind == TransportKind.Unix
        ? "unix:" + Address
        : string.Create(CultureInfo.InvariantCulture, $"{(Kind == TransportKind.Tls ? "tls" : "tcp")}://{Address}:{Port}");
}

/// <summary>How a daemon is reached.</summary>
public enum TransportKind
{
    /// <summary>A Unix socket: the kernel proves who asks.</summary>
    Unix,

    /// <summary>TCP in the clear, for networks that are trusted.</summary>
    Tcp,

    /// <summary>TCP with TLS.</summary>
    Tls,
}
