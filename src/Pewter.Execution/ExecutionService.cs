using System.Collections.Concurrent;
using System.Globalization;
using Pewter.Execution.Nodes;
using Pewter.Execution.Sessions;
using Pewter.Execution.Streams;
using Pewter.Hosting;
using Pewter.NineP;
using Pewter.Tree;

namespace Pewter.Execution;

/// <summary>
/// The control plane's <c>/proc</c>: sessions of one or many processes on any node. Each process runs under a node's agent, which outlives this
/// daemon; what is here is who it belongs to, where it runs and how it ended.
/// </summary>
public sealed class ExecutionService : IService, ISessionRegistry
{
    private readonly ExecutionLimits _limits;
    private readonly ConcurrentDictionary<string, NodeFollower> _followers = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, (Session Session, Leaf Leaf)> _running = new(StringComparer.Ordinal);
    private ServiceContext _context = null!;
    private Collection<Session> _sessions = null!;
    private NodeInventory _nodes = null!;
    private SessionJournal _journal = null!;
    private SessionEngine _engine = null!;
    private TreeClient _tree = null!;

    /// <summary>A service with these limits.</summary>
    public ExecutionService(ExecutionLimits? limits = null) => _limits = limits ?? new ExecutionLimits();

    /// <inheritdoc/>
    public string Name => "proc";

    /// <inheritdoc/>
    public async ValueTask StartAsync(ServiceContext context, CancellationToken cancellation)
    {
        _context = context;
        _tree = context.Client();
        _nodes = new NodeInventory(_tree);
        _journal = new SessionJournal(context.Store);
        _engine = new SessionEngine(_tree, _nodes, _journal, _limits, context.Time, this);
        _sessions = new Collection<Session>(Kind(), context.Time);
        context.Root.Add("proc", new UnionDirectory(context.Time).Set(new UnionMember(null, "", _sessions)));
        foreach (var (record, exits) in await _journal.LoadAsync(cancellation))
        {
            Adopt(record, exits);
        }

        // Only now, so that the first look at a node is for all of its processes.
        foreach (var follower in _followers.Values)
        {
            follower.Start();
        }
    }

    /// <inheritdoc/>
    public IEnumerable<KeyValuePair<string, string>> Status() =>
    [
        new("sessions", _sessions.Count.ToString(CultureInfo.InvariantCulture)),
        new("processes", _running.Count.ToString(CultureInfo.InvariantCulture)),
    ];

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _sessions.DisposeAsync();
        foreach (var follower in _followers.Values)
        {
            await follower.DisposeAsync();
        }

        await _engine.DisposeAsync();
    }

    void ISessionRegistry.DemandRoom(Session session, int processes)
    {
        var user = session.Owner.User;
        var mine = _sessions.All().Where(other => other.Owner.User == user).Select(other => other.Item).ToList();
        if (mine.Count > _limits.SessionsPerUser)
        {
            throw new FileException(Errno.EDQUOT,
                $"{user} has {mine.Count} sessions, and {_limits.SessionsPerUser} are the limit (SessionsPerUser): wipe some.");
        }

        var running = mine.Sum(other => other.Leaves.Count - other.Ended);
        if (running + processes > _limits.ProcessesPerUser)
        {
            throw new FileException(
                Errno.EDQUOT,
                    $"{user} has {running} processes, and {_limits.ProcessesPerUser} are the limit (ProcessesPerUser): {processes} more do not fit.");
        }

        if (_limits.MemoryPerUser is { } most)
        {
            DemandMemory(user, session, processes, mine, most);
        }
    }

    private static void DemandMemory(string user, Session session, int processes, List<Session> mine, long most)
    {
        var each = session.MemoryEach ?? throw new FileException(
            Errno.EDQUOT, $"{user} may have {most} bytes of memory (MemoryPerUser): say how much each process needs, such as 'limit mem=512Mi'.");
        var taken = mine.Where(other => other != session).Sum(other => (other.MemoryEach ?? 0) * (other.Leaves.Count - other.Ended));
        if (taken + (each * processes) > most)
        {
            throw new FileException(
                Errno.EDQUOT,
                    $"{user} has {taken} bytes of memory for processes, and {most} are the limit (MemoryPerUser): {each * processes} more do not fit.");
        }
    }

    void ISessionRegistry.Placed(Session session, IReadOnlyList<Leaf> leaves)
    {
        session.Place(leaves, (directory, all) => AddLeaves(directory, session, all));
        foreach (var leaf in leaves)
        {
            Follow(session, leaf).Start();
        }
    }

    async ValueTask ISessionRegistry.EndedAsync(Session session, Leaf leaf, LeafExit exit)
    {
        _running.TryRemove(leaf.Path, out _);
        await _journal.SaveAsync(session.Number, leaf.Index, exit, CancellationToken.None);
        if (session.Settle(leaf, exit))
        {
            _nodes.Count(leaf.Node, -1);
            if (session.Record.IsGroup)
            {
                // The state of a group changes with its last process alone; who follows it wants to know of each.
                _sessions.Append(session.Number, "process", json =>
                {
                    json.WriteNumber("index", leaf.Index);
                    json.WriteString("cause", exit.Cause);
                    json.WriteNumber("shell_code", exit.ShellCode);
                });
            }

            _sessions.Changed(session.Number);
        }
    }

    void ISessionRegistry.Remove(Session session)
    {
        foreach (var leaf in session.Leaves)
        {
            _running.TryRemove(leaf.Path, out _);
        }

        _sessions.Remove(session.Number);
    }

    private ObjectKind<Session> Kind() => new()
    {
        Prefix = "",
        Fields = SessionFields.Create(),
        States = SessionFields.States(),
        Commands = SessionCommands.Create(_engine),
        Owner = session => session.Owner,
        Files = AddFiles,
        Create = (made, _) => new(new Session(new SessionRecord
        {
            Number = made.Number, User = made.Owner.User, Uid = made.Owner.Uid, Group = made.Owner.Group, Gid = made.Owner.Gid,
        })),
        IsBusy = session => session.State == "running",
        Reap = _engine.ReleaseAsync,
        PersistenceChanged = _engine.KeepAsync,
    };

    private void AddFiles(TreeDirectory directory, Session session)
    {
        directory
            .Add("args", new TextFile(() => RcQuoting.Join(session.Record.Command) + "\n"))
            .Add("env", new TextFile(() => string.Concat(session.Record.Variables.Select(entry => RcQuoting.Quote(entry) + "\n"))))
            .Add("ns", First(session, "ns", UnixMode.Octal(660)))
            .Add("stdin", new SessionStream(session, "stdin", _tree, UnixMode.Octal(220)))
            .Add("stdout", new SessionStream(session, "stdout", _tree, UnixMode.Octal(440)))
            .Add("stderr", new SessionStream(session, "stderr", _tree, UnixMode.Octal(440)))
            .Add("stdio", First(session, "stdio", UnixMode.Octal(660)))
            .Add("topology", new TextFile(() => string.Concat(session.Leaves.Select(leaf => leaf.Topology))))
            .Add("usage", new TextFile((_, stop) => UsageText.OfAsync(session, _tree, _context.Time, stop)))
            .Add("edges", EdgesFile.Of(session, _tree))
            .Add("debug", Debug(stop => FirstLeafAsync(session, stop)));
        session.Show(directory, (shown, leaves) => AddLeaves(shown, session, leaves));
    }

    private void AddLeaves(TreeDirectory directory, Session session, IReadOnlyList<Leaf> leaves)
    {
        if (!session.Record.IsGroup)
        {
            return;
        }

        foreach (var leaf in leaves)
        {
            directory.Add(leaf.Index.ToString(CultureInfo.InvariantCulture), LeafDirectory.Create(session, leaf, _sessions, _tree));
        }
    }

    private LeafFile First(Session session, string name, uint mode) => new(stop => FirstLeafAsync(session, stop), name, _tree, mode);

    private TreeDirectory Debug(Func<CancellationToken, ValueTask<Leaf>> leaf) => LeafDirectory.Debug(leaf, _tree);

    private static async ValueTask<Leaf> FirstLeafAsync(Session session, CancellationToken cancellation)
    {
        await session.Placed.WaitAsync(cancellation);
        return session.Leaves[0];
    }

    private void Adopt(SessionRecord record, IReadOnlyDictionary<int, LeafExit> exits)
    {
        var session = new Session(record);
        var leaves = record.Leaves.Select((leaf, index) => new Leaf(index, leaf.Node, leaf.AgentId)
        {
            IsStarted = record.Started is not null,
            Exit = exits.GetValueOrDefault(index),
        }).ToList();
        if (leaves.Count > 0)
        {
            session.Place(leaves, (directory, all) => AddLeaves(directory, session, all));
        }

        _sessions.Add(record.Number, session, persistent: record.IsPersistent);
        foreach (var leaf in leaves.Where(leaf => leaf.Exit is null))
        {
            Follow(session, leaf);
        }
    }

    private NodeFollower Follow(Session session, Leaf leaf)
    {
        _nodes.Count(leaf.Node, 1);
        _running[leaf.Path] = (session, leaf);
        var follower = FollowerOf(leaf.Node);
        follower.Watch(leaf.AgentId);
        return follower;
    }

    private NodeFollower FollowerOf(string node) => _followers.GetOrAdd(
        node,
        at => new NodeFollower(at, _tree, _nodes, _limits.NodeLease, _context.Time, _context.Log, (id, exit) => EndedAsync($"{at}/proc/{id}", exit)));

    private async ValueTask EndedAsync(string leafPath, LeafExit exit)
    {
        if (_running.TryGetValue(leafPath, out var found))
        {
            await ((ISessionRegistry)this).EndedAsync(found.Session, found.Leaf, exit);
        }
    }
}
