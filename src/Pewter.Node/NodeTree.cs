using Pewter.Node.HostFiles;
using Pewter.Node.Knobs;
using Pewter.Node.Machine;
using Pewter.Node.Processes;
using Pewter.Node.Sessions;
using Pewter.Tree;

namespace Pewter.Node;

/// <summary>
/// One node's tree: <c>proc sys metric knob fs ctl version</c>. Owns the sessions' collection, the knobs' leases and
/// the host's directory; the supervisor is the caller's.
/// </summary>
public sealed class NodeTree : IAsyncDisposable
{
    private readonly KnobLeases _leases;
    private readonly HostDirectory _files;

    /// <summary>Makes the tree.</summary>
    /// <param name="supervisor">Who runs the processes.</param>
    /// <param name="options">What is shown.</param>
    /// <param name="time">The clock.</param>
    public NodeTree(ProcessSupervisor supervisor, NodeTreeOptions options, TimeProvider time)
    {
        _leases = new KnobLeases(time);
        _files = new HostDirectory(options.FilesRoot);
        var commands = NodeCommands.Create(options.PowerActions);
        options.MoreCommands?.Invoke(commands);
        Sessions = new SessionCollection(supervisor, () => Root!, time);
        Root = new TreeDirectory()
            .Add("version", new TextFile(() => options.Version))
            .Add("ctl", CtlFile.For(this, commands))
            .Add("proc", Sessions.Directory)
            .Add("sys", SystemDirectory.Create(Path.Join(supervisor.Options.StateDirectory, "labels"), options.Version, time))
            .Add("metric", MetricDirectory.Create())
            .Add("knob", KnobDirectory.Create(_leases))
            .Add("fs", _files.Root);
    }

    /// <summary>The root; other parts of the agent add their directories.</summary>
    public TreeDirectory Root { get; }

    /// <summary>The sessions.</summary>
    public SessionCollection Sessions { get; }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Sessions.DisposeAsync();
        _leases.Dispose();
        _files.Dispose();
    }
}
