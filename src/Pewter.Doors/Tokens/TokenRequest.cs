namespace Pewter.Doors.Tokens;

/// <summary>What a new token shall allow.</summary>
/// <param name="User">Whose rights its bearer has.</param>
/// <param name="Lifetime">How long it is good for; more than zero.</param>
public sealed record TokenRequest(string User, TimeSpan Lifetime)
{
    /// <inheritdoc cref="TokenGrant.Groups"/>
    public IReadOnlyList<string> Groups { get; init; } = [];

    /// <inheritdoc cref="TokenGrant.IsAdmin"/>
    public bool IsAdmin { get; init; }

    /// <inheritdoc cref="TokenGrant.IsReadOnly"/>
    public bool IsReadOnly { get; init; }

    /// <inheritdoc cref="TokenGrant.PathPrefix"/>
    public string PathPrefix { get; init; } = "/";

    /// <inheritdoc cref="TokenGrant.Note"/>
    public string Note { get; init; } = "";
}
