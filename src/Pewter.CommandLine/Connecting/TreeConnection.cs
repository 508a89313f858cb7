using Pewter.NineP.Serving;

namespace Pewter.CommandLine.Connecting;

/// <summary>An attached tree. One owner, who disposes it; its files may be used at once.</summary>
public sealed class TreeConnection : IAsyncDisposable
{
    private readonly IAsyncDisposable? _transport;

    /// <summary>Creates a connection.</summary>
    /// <param name="root">The root of the tree.</param>
    /// <param name="caller">Who asks; a remote tree proves that by the transport and ignores this.</param>
    /// <param name="transport">What to end with it.</param>
    public TreeConnection(ServedFile root, Caller caller, IAsyncDisposable? transport)
    {
        Root = root;
        Caller = caller;
        _transport = transport;
    }

    /// <summary>The root of the tree.</summary>
    public ServedFile Root { get; }

    /// <summary>Who asks.</summary>
    public Caller Caller { get; }

    /// <summary>The same tree with the rights of whichever local user asks; null where the connection cannot act for others.</summary>
    public ServedFile? EachUser { get; init; }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _transport?.DisposeAsync() ?? ValueTask.CompletedTask;
}
