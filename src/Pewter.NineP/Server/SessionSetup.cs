using Pewter.NineP.Serving;

namespace Pewter.NineP.Server;

/// <summary>What a connection is served with; never changes.</summary>
internal sealed record SessionSetup(IAttachPoint AttachPoint, Caller? Peer, NineLimits Limits, TimeProvider Time);
