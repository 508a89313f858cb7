using Pewter.NineP;
using Pewter.NineP.Serving;
using Pewter.Sdk;

namespace Pewter.CommandLine.Connecting;

/// <summary>
/// Reaches a daemon over 9P2000.L: a Unix socket, TCP, or TCP with TLS. A connection that is lost is made again when it is next used.
/// </summary>
public sealed class NineConnector : ITreeConnector
{
    /// <inheritdoc/>
    public async ValueTask<TreeConnection> ConnectAsync(PewterEndpoint endpoint, CancellationToken cancellation)
    {
        try
        {
            var connection = await PewterConnection.OpenAsync(endpoint, cancellation: cancellation);
            return new TreeConnection(connection.Root, Caller.System, connection) { EachUser = connection.EachUser };
        }
        catch (FileException failure)
        {
            throw new CommandException(failure.Message);
        }
    }
}
