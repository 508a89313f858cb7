using System.IO.Pipelines;
using Pewter.NineP.Serving;

namespace Pewter.NineP.Server;

/// <summary>Serves a file tree over 9P2000.L and 9P2000.</summary>
public static class NineServer
{
    /// <summary>
    /// Serves one connection until it ends. On the way out every waiting request is cancelled, then every fid clunked, then the transport's
    /// output and input completed; disposing the transport is the caller's.
    /// </summary>
    /// <param name="transport">The connection, see <see cref="Transport.NineTransport"/>.</param>
    /// <param name="attach">Admits attaches.</param>
    /// <param name="peer">Who the transport proved the peer to be; null when it proved nothing.</param>
    /// <param name="limits">What the connection may use.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellation">Ends the connection.</param>
    /// <returns>Why it ended. Anything thrown is a bug in a served file.</returns>
    public static async Task<Disconnect> ServeAsync(
        IDuplexPipe transport,
        IAttachPoint attach,
        Caller? peer,
        NineLimits limits,
        TimeProvider time,
        CancellationToken cancellation)
    {
        await using var connection = new ServerConnection(transport, new SessionSetup(attach, peer, limits, time));
        return await connection.RunAsync(cancellation);
    }
}
