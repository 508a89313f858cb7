namespace Pewter.Peers;

/// <summary>Which parent a daemon joins, and how. Immutable.</summary>
/// <param name="Target">Where the parent's 9P door is.</param>
public sealed record JoinOptions(JoinTarget Target)
{
    /// <summary>The token that proves the child to the parent; null when a certificate or the kernel does. Never logged.</summary>
    public string? Token { get; init; }

    /// <summary>The file of the authority (PEM) that the parent's certificate must be of; null for the machine's own list.</summary>
    public string? AuthorityFile { get; init; }

    /// <summary>The file of a client certificate (PEM) of the parent's authority; null for none.</summary>
    public string? CertificateFile { get; init; }

    /// <summary>The file of its private key (PEM); null when it is in the same file.</summary>
    public string? KeyFile { get; init; }

    /// <summary>
    /// Who the parent's callers are here. <see cref="PeerTrust.Users"/>: one lab, one set of names, and every machine's root its own.
    /// </summary>
    public PeerTrust Trust { get; init; } = PeerTrust.Users;

    /// <summary>
    /// Whether administrators here see the parent's tree at <c>/parent</c>, with the rights of the token or certificate there. Off: joining
    /// gives nobody here any right on the parent.
    /// </summary>
    public bool ShowsParent { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Target.ToString();
}
