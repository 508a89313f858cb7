using System.Net.Security;

namespace Pewter.Blocks.Nbd;

/// <summary>How an <see cref="NbdServer"/> behaves.</summary>
public sealed record NbdServerOptions
{
    /// <summary>Bounds on clients.</summary>
    public NbdLimits Limits { get; init; } = new();

    /// <summary>What STARTTLS uses; null refuses it.</summary>
    public SslServerAuthenticationOptions? Tls { get; init; }

    /// <summary>TCP clients must begin TLS before anything else.</summary>
    public bool TcpNeedsTls { get; init; }

    /// <summary>Told why connections ended other than in order; one sentence each.</summary>
    public Action<string>? Report { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
