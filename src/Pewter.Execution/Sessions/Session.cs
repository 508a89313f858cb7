using Pewter.Tree;

namespace Pewter.Execution.Sessions;

/// <summary>
/// A session: one process, or a group of them, on any nodes. Owns its record, its leaves and what has been asked for before there was a node.
/// </summary>
/// <remarks>
/// <code>
/// new ──exec──► running ──► ended
///  └──res N──► reserved ──exec──┘
/// </code>
/// Fields are read by anybody and changed under <see cref="Gate"/> by one command at a time; the follower of a node only adds exits.
/// </remarks>
public sealed class Session
{
    private readonly TaskCompletionSource _placed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lock = new();
    private volatile IReadOnlyList<Leaf> _leaves = [];
    private TreeDirectory? _directory;
    private int _ended;
    private int _started;

    /// <summary>A session with this record.</summary>
    public Session(SessionRecord record)
    {
        Record = record;
        Owner = new Owner(record.User, record.Group, record.Uid, record.Gid);
    }

    /// <summary>The committed record.</summary>
    public SessionRecord Record { get; internal set; }

    /// <summary>Who it belongs to.</summary>
    public Owner Owner { get; }

    /// <summary>Its number.</summary>
    public long Number => Record.Number;

    /// <summary>Its processes; empty before it has nodes.</summary>
    public IReadOnlyList<Leaf> Leaves => _leaves;

    /// <summary>Which nodes it may have: a query below <c>/node/query</c>; null: this machine itself.</summary>
    public string? Query { get; internal set; }

    /// <summary>How its processes are laid out.</summary>
    public Placement.PlacementMode Mode { get; internal set; }

    /// <summary>The blob that its nodes are to have before it starts; null: none.</summary>
    public string? Files { get; internal set; }

    /// <summary>Whether input is dealt out record by record instead of given to all.</summary>
    public bool DealsInput { get; internal set; }

    /// <summary>Words that queries find it by.</summary>
    public IReadOnlyList<string> Labels { get; internal set; } = [];

    /// <summary>The work it belongs to.</summary>
    public string? Job { get; internal set; }

    /// <summary>Where the input comes from.</summary>
    public string? Splice { get; internal set; }

    /// <summary>Nodes that are preferred to others.</summary>
    public IReadOnlySet<string>? Near { get; internal set; }

    /// <summary>Bytes of memory that each of its processes is limited to; null: no limit was asked for.</summary>
    public long? MemoryEach => Record.Settings.Where(line => line.StartsWith("limit ", StringComparison.Ordinal))
        .SelectMany(line => line.Split(' ')).LastOrDefault(word => word.StartsWith("mem=", StringComparison.Ordinal)) is { } word
        && Quantity.TryParseSize(word.AsSpan(4), out var bytes) ? bytes : null;

    /// <summary>Ends when the processes have nodes.</summary>
    internal Task Placed => _placed.Task;

    /// <summary>One command at a time.</summary>
    internal SemaphoreSlim Gate { get; } = new(1, 1);

    /// <summary>Processes that ended.</summary>
    public int Ended => Volatile.Read(ref _ended);

    /// <summary>Processes that were started.</summary>
    public int Started => Volatile.Read(ref _started);

    /// <summary>The state.</summary>
    public string State
    {
        get
        {
            var (started, ended) = (Started, Ended);
            return started == 0 && ended == 0 ? _leaves.Count == 0 ? "new" : "reserved" : ended < Math.Max(1, started) ? "running" : "ended";
        }
    }

    /// <summary>The exit that tells most: the first that is not a plain success, else any.</summary>
    public LeafExit? Worst =>
        _leaves.Select(leaf => leaf.Exit).OfType<LeafExit>().MaxBy(exit => exit.ShellCode);

    internal void Place(IReadOnlyList<Leaf> leaves, Action<TreeDirectory, IReadOnlyList<Leaf>> addFiles)
    {
        lock (_lock)
        {
            _leaves = leaves;
            _started = leaves.Count(leaf => leaf.IsStarted);
            _ended = leaves.Count(leaf => leaf.Exit is not null);
            if (_directory is not null)
            {
                addFiles(_directory, leaves);
            }
        }

        _placed.TrySetResult();
    }

    /// <summary>The directory was made, perhaps again: it gets what there is of subdirectories, and later those that come.</summary>
    internal void Show(TreeDirectory directory, Action<TreeDirectory, IReadOnlyList<Leaf>> addFiles)
    {
        lock (_lock)
        {
            _directory = directory;
            addFiles(directory, _leaves);
        }
    }

    internal void MarkStarted()
    {
        lock (_lock)
        {
            foreach (var leaf in _leaves)
            {
                leaf.IsStarted = true;
            }

            _started = _leaves.Count;
        }
    }

    /// <summary>Undoes <see cref="MarkStarted"/> for a program that could not be started at all.</summary>
    internal void MarkNotStarted()
    {
        lock (_lock)
        {
            foreach (var leaf in _leaves)
            {
                leaf.IsStarted = false;
            }

            _started = 0;
        }
    }

    /// <summary>Latches how a process ended; false when that was known already.</summary>
    internal bool Settle(Leaf leaf, LeafExit exit)
    {
        lock (_lock)
        {
            if (leaf.Exit is not null)
            {
                return false;
            }

            leaf.Exit = exit;
            _ended++;
            return true;
        }
    }
}
