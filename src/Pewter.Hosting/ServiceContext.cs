using Pewter.Hosting.Events;
using Pewter.Hosting.Ledger;
using Pewter.Hosting.Logging;
using Pewter.NineP.Serving;
using Pewter.Store;
using Pewter.Tree;

namespace Pewter.Hosting;

/// <summary>What a service is given. Immutable; everything in it may be used from any thread.</summary>
public sealed record ServiceContext
{
    /// <summary>The root of the tree: services add their collections to it, and find those of others by paths from it.</summary>
    public required TreeDirectory Root { get; init; }

    /// <summary>The journalled state. Kinds begin with the service's name.</summary>
    public required StateStore Store { get; init; }

    /// <summary>The journal of events behind <c>/events</c>.</summary>
    public required EventJournal Events { get; init; }

    /// <summary>Where a service writes down what it makes in the kernel, before it makes it.</summary>
    public required ResourceLedger Ledger { get; init; }

    /// <summary>The service's log.</summary>
    public required Log Log { get; init; }

    /// <summary>A directory of the service's own that outlives the daemon.</summary>
    public required string StateDirectory { get; init; }

    /// <summary>The directory of sockets; empty after a restart of the machine.</summary>
    public required string RunDirectory { get; init; }

    /// <summary>The clock.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>The daemon's own name among its peers.</summary>
    public required string MachineName { get; init; }

    /// <summary>
    /// The directory of files that the nodes of an owner see on this machine, made when it is first asked for. Whoever knows a name in it
    /// may use the file;
    /// nobody can list it.
    /// </summary>
    public string FilesOf(string user)
    {
        const UnixFileMode Passable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
            | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        var all = Path.Join(Path.GetDirectoryName(StateDirectory), "files");
        Directory.CreateDirectory(all, Passable);
        return Directory.CreateDirectory(Path.Join(all, Uri.EscapeDataString(user).Replace(".", "%2E", StringComparison.Ordinal)), Passable).FullName;
    }

    /// <summary>A client of the whole tree, as the daemon itself or as whoever asked.</summary>
    public TreeClient Client(Caller? caller = null) => new(Root, caller ?? Caller.System);
}
