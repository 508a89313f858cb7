namespace Pewter.Sdk;

/// <summary>What is to be run, where, and within which bounds. Immutable; one may be used for any number of spawns.</summary>
public sealed record SpawnSpec
{
    /// <summary>A program with its arguments.</summary>
    public SpawnSpec(string program, params IEnumerable<string> arguments) => Command = [program, .. arguments];

    /// <summary>The program, a path on the node or a name in its PATH, and its arguments.</summary>
    public IReadOnlyList<string> Command { get; init; }

    /// <summary>Variables beyond those that the node gives.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Where it starts; null: the node's root.</summary>
    public string? Directory { get; init; }

    /// <summary>
    /// Files of this program's machine that the nodes are to have: they are brought there, once to each machine, and the process starts in
    /// the directory that has
    /// them, under their own names, to be read and run. <c>PEWTER_FILES</c> names that directory. None: nothing is brought.
    /// </summary>
    public IReadOnlyList<string> Files { get; init; } = [];

    /// <summary>
    /// Which nodes may have it: a query below <c>/node/query</c>, such as <c>kind=cell/mem&gt;=1G</c>; null: this machine itself, and for a
    /// group any node.
    /// </summary>
    public string? Query { get; init; }

    /// <summary>Nodes that are preferred, <c>/node/n3</c>, or sessions whose nodes are, <c>/proc/7</c>: where what it works with is.</summary>
    public IReadOnlyList<string> Near { get; init; } = [];

    /// <summary>How a group is laid out.</summary>
    public Layout Layout { get; init; }

    /// <summary>Who it runs as; null: who asks.</summary>
    public string? User { get; init; }

    /// <summary>CPUs' worth of time for each process with its children; null: no limit.</summary>
    public double? Cpus { get; init; }

    /// <summary>Bytes of memory for each process with its children; null: no limit.</summary>
    public long? MemoryBytes { get; init; }

    /// <summary>How many processes each may become; null: no limit.</summary>
    public int? Processes { get; init; }

    /// <summary>Open files of each process; null: the node's default.</summary>
    public int? OpenFiles { get; init; }

    /// <summary>Whether it gets a terminal; stdout and stderr are one then.</summary>
    public bool Terminal { get; init; }

    /// <summary>
    /// Whether output that nobody has read yet holds the program back when there is no room for more; otherwise the oldest is dropped.
    /// </summary>
    public bool KeepOutput { get; init; }

    /// <summary>
    /// Whether its input stays open until it is asked to end; otherwise it ends when the last who had it open for writing has closed it.
    /// </summary>
    public bool ExplicitEnd { get; init; }

    /// <summary>What becomes of the input of a group.</summary>
    public GroupInput Input { get; init; }

    /// <summary>Whether it stays in the tree after its end, until it is wiped; otherwise it goes when nobody has it open any more.</summary>
    public bool IsPersistent { get; init; }

    /// <summary>The work it belongs to, as <c>job/task</c>; null: none.</summary>
    public string? Job { get; init; }

    /// <summary>Words that queries find it by.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>Commands for the session's ctl before it starts, in rc quoting; for what has no member here.</summary>
    public IReadOnlyList<string> Commands { get; init; } = [];
}
