using System.Net;

namespace Pewter.Peers;

/// <summary>Where a parent's 9P door is: <c>tls://HOST:PORT</c>, <c>tcp://127.0.0.1:PORT</c> or <c>unix:PATH</c>.</summary>
public sealed record JoinTarget
{
    private const int NinePort = 564;

    private JoinTarget(string scheme, string host, int port) => (Scheme, Host, Port) = (scheme, host, port);

    /// <summary>tls, tcp or unix.</summary>
    public string Scheme { get; }

    /// <summary>A name or an address; the path of a Unix socket.</summary>
    public string Host { get; }

    /// <summary>The port; 0 for a Unix socket.</summary>
    public int Port { get; }

    /// <summary>Reads a URL; null with a sentence when it is none.</summary>
    public static JoinTarget? TryParse(string text, out string error)
    {
        error = $"'{text}' is no daemon to join; write tls://HOST:PORT, or tcp://127.0.0.1:PORT, or unix:PATH.";
        if (text.StartsWith("unix:/", StringComparison.Ordinal))
        {
            return new JoinTarget("unix", text[5..], 0);
        }

        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Scheme is not ("tls" or "tcp") || uri.Host.Length == 0)
        {
            return null;
        }

        var isHere = uri.IsLoopback || (IPAddress.TryParse(uri.Host, out var address) && IPAddress.IsLoopback(address));
        if (uri.Scheme == "tcp" && !isHere)
        {
            error = $"'{text}' would send the token in the clear; join with tls://{uri.Host}.";
            return null;
        }

        return new JoinTarget(uri.Scheme, uri.DnsSafeHost, uri.Port > 0 ? uri.Port : NinePort);
    }

    /// <summary>The URL.</summary>
    public override string ToString() => Scheme == "unix" ? $"unix:{Host}" : FormattableString.Invariant($"{Scheme}://{Host}:{Port}");
}
