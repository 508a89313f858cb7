using System.Net;

namespace Pewter.Doors;

/// <summary>Where a door listens, and with that how its peers prove who they are.</summary>
public abstract record DoorEndpoint
{
    private protected DoorEndpoint()
    {
    }
}

/// <summary>A Unix socket: the kernel tells who the peer is. A stale socket file is replaced, one in use refused.</summary>
/// <param name="Path">The socket's path.</param>
public sealed record UnixEndpoint(string Path) : DoorEndpoint
{
    /// <summary>Who may connect; everybody, since each connection is judged by its uid.</summary>
    public UnixFileMode Mode { get; init; } = (UnixFileMode)0x1B6;
}

/// <summary>TCP with TLS: a client certificate of the built-in authority, or a token.</summary>
/// <param name="Address">Address and port; port 0 takes a free one.</param>
public sealed record TlsEndpoint(IPEndPoint Address) : DoorEndpoint
{
    /// <summary>Names that clients call the server by, beside "localhost" and this machine's name.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];
}

/// <summary>Plain TCP to this machine alone: nothing is proven, so a token is needed. Any other address is refused.</summary>
/// <param name="Address">A loopback address and port; port 0 takes a free one.</param>
public sealed record LoopbackEndpoint(IPEndPoint Address) : DoorEndpoint;
