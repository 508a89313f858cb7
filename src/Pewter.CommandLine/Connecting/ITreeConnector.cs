using Pewter.Sdk;

namespace Pewter.CommandLine.Connecting;

/// <summary>Reaches a tree: over 9P in the program, in memory in a test.</summary>
public interface ITreeConnector
{
    /// <summary>Connects and attaches.</summary>
    /// <exception cref="CommandException">Nothing answers there.</exception>
    ValueTask<TreeConnection> ConnectAsync(PewterEndpoint endpoint, CancellationToken cancellation);
}
