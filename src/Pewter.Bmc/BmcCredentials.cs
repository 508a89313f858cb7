namespace Pewter.Bmc;

/// <summary>The user of a controller. The password is in no text that this type makes.</summary>
public sealed class BmcCredentials
{
    /// <summary>Creates the credentials.</summary>
    public BmcCredentials(string user, string password) => (User, Password) = (user, password);

    /// <summary>The user's name.</summary>
    public string User { get; }

    internal string Password { get; }

    /// <inheritdoc/>
    public override string ToString() => User;
}
