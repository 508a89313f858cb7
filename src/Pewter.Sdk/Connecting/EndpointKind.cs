namespace Pewter.Sdk;

/// <summary>How a daemon is reached.</summary>
public enum EndpointKind
{
    /// <summary>A Unix socket: the kernel proves who asks.</summary>
    Unix,

    /// <summary>TCP in the clear, for networks that are trusted.</summary>
    Tcp,

    /// <summary>TCP with TLS.</summary>
    Tls,
}
