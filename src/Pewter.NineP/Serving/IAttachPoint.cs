namespace Pewter.NineP.Serving;

/// <summary>Where connections begin: turns a <c>Tattach</c> into a root and an identity.</summary>
public interface IAttachPoint
{
    /// <summary>Admits or refuses (EACCES, ENOENT) an attach.</summary>
    ValueTask<Attachment> AttachAsync(AttachRequest request, CancellationToken cancellation);
}

/// <summary>What a <c>Tattach</c> asked for.</summary>
/// <param name="Peer">The identity that the transport proved; null when it proved none and the access name must carry a token.</param>
/// <param name="UserName">The claimed user; proof of nothing.</param>
/// <param name="UserId">The claimed number, or null for none.</param>
/// <param name="AccessName">The tree or view asked for.</param>
public sealed record AttachRequest(Caller? Peer, string UserName, uint? UserId, string AccessName);

/// <summary>An admitted attach.</summary>
/// <param name="Root">The root of the caller's view.</param>
/// <param name="Caller">Who every request on fids from here is made by.</param>
public sealed record Attachment(ServedFile Root, Caller Caller);
