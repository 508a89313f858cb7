using Pewter.NineP.Client;
using Pewter.NineP.Serving;

namespace Pewter.Tree;

/// <summary>
/// A tree on another server, to be mounted in this one. Nothing is cached and nothing is held but what is open: each request walks
/// from the root that the owner
/// gives, so that a connection may go and come back in between. Failures carry the server's errno; ENOLINK when the connection is lost.
/// </summary>
/// <remarks>The other server decides who may do what, by the identity of the root; a caller who may only read is stopped here already.</remarks>
/// <param name="root">
/// Gives the root to walk from for a caller: an attach on the present connection, which stays the owner's. Throws ENOLINK at once
/// while there is none.
/// </param>
/// <param name="time">The clock of <see cref="Age"/>.</param>
public sealed class RemoteTree(Func<Caller, CancellationToken, ValueTask<NineFile>> root, TimeProvider time)
{
    private long _answeredAt = time.GetTimestamp();

    /// <summary>How long ago the server last answered anything; what was read before that is no news.</summary>
    public TimeSpan Age => time.GetElapsedTime(Volatile.Read(ref _answeredAt));

    /// <summary>Tells this mount's files from those of others.</summary>
    internal ulong Mount { get; } = QidPaths.Next();

    /// <summary>A directory of the tree, to be mounted somewhere. It need not be there yet.</summary>
    /// <param name="path">The path there; empty for the root.</param>
    /// <param name="parent">Where ".." leads from it.</param>
    public ServedFile Directory(string path = "", ServedFile? parent = null) =>
        new RemoteFile(this, path.Split('/', StringSplitOptions.RemoveEmptyEntries), parent);

    /// <summary>Walks from the root; the caller disposes what it gets.</summary>
    internal async ValueTask<NineFile> WalkAsync(IReadOnlyList<string> path, Caller caller, CancellationToken cancellation)
    {
        var from = await root(caller, cancellation);
        var file = await from.WalkAsync(path, cancellation);
        Answered();
        return file;
    }

    internal void Answered() => Volatile.Write(ref _answeredAt, time.GetTimestamp());
}
