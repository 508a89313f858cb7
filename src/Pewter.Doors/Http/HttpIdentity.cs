using Pewter.NineP.Serving;

namespace Pewter.Doors.Http;

/// <summary>Who makes a request, and what the proof is good for.</summary>
/// <param name="Caller">The caller.</param>
/// <param name="PathPrefix">The subtree that the proof is good for.</param>
/// <param name="Ended">Fires when the proof ends; a stream that was begun with it ends then.</param>
internal sealed record HttpIdentity(Caller Caller, string PathPrefix, CancellationToken Ended);
