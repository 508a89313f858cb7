namespace Pewter.Doors.Tokens;

/// <summary>A token that was shown and is good.</summary>
/// <param name="Grant">What it allows.</param>
/// <param name="Ended">Fires when it expires or is revoked: whatever was begun with it ends then.</param>
public sealed record VerifiedToken(TokenGrant Grant, CancellationToken Ended);
