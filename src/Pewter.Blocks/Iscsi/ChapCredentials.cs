namespace Pewter.Blocks.Iscsi;

/// <summary>A CHAP name and secret (RFC 1994, RFC 7143 12.1). Never prints its secret.</summary>
public sealed class ChapCredentials
{
    /// <summary>Creates the credentials.</summary>
    public ChapCredentials(string user, string secret) => (User, Secret) = (user, secret);

    /// <summary>The name sent as CHAP_N.</summary>
    public string User { get; }

    /// <summary>The shared secret, 12 to 255 characters.</summary>
    public string Secret { get; }

    /// <summary>The name alone.</summary>
    public override string ToString() => User;
}
