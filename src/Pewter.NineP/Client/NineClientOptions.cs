namespace Pewter.NineP.Client;

/// <summary>How a <see cref="NineClient"/> talks.</summary>
public sealed record NineClientOptions
{
    /// <summary>The defaults.</summary>
    public static NineClientOptions Default { get; } = new();

    /// <summary>The dialect to ask for; a server that knows only 9P2000 may answer that.</summary>
    public Dialect Dialect { get; init; } = Dialect.NineP2000L;

    /// <summary>Largest message to ask for, in bytes. 256 KiB: bulk reads run at full speed and a stalled one holds little.</summary>
    public int MessageSize { get; init; } = 256 * 1024;

    /// <summary>Requests in flight at once; more wait for one to end. 512: room for many blocked readers; below the server's own limit.</summary>
    public int Requests { get; init; } = 512;

    /// <summary>Time that the server may take to receive what is sent while its buffers are full, after which the connection is given up.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(60);
}
