using Pewter.Doors.Identity;
using Pewter.Doors.Metrics;
using Pewter.Doors.Tls;
using Pewter.Doors.Tokens;
using Pewter.NineP.Serving;

namespace Pewter.Doors;

/// <summary>What all doors of a daemon share: the tree, those who vouch for callers, and what is admitted. Immutable.</summary>
public sealed record DoorContext
{
    /// <summary>The root of the tree.</summary>
    public required ServedFile Root { get; init; }

    /// <summary>The tokens that are good.</summary>
    public required TokenStore Tokens { get; init; }

    /// <summary>The authority of servers and clients; needed by doors with TLS.</summary>
    public CertificateAuthority? Authority { get; init; }

    /// <summary>The users of this machine.</summary>
    public LocalCallers Locals { get; init; } = new();

    /// <summary>What is admitted.</summary>
    public DoorLimits Limits { get; init; } = DoorLimits.Default;

    /// <summary>What the doors count.</summary>
    public DoorMetrics Metrics { get; init; } = new();

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Is told of failures that are bugs, each of which ended one connection or request. Called from any thread.</summary>
    public Action<Exception>? OnFault { get; init; }
}
