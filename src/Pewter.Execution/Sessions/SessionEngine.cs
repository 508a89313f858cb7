using Pewter.Execution.Nodes;
using Pewter.Execution.Placement;
using Pewter.NineP;
using Pewter.NineP.Serving;
using Pewter.Tree;

namespace Pewter.Execution.Sessions;

/// <summary>
/// Does what sessions are told: reserves processes on nodes, starts, forwards, forgets. The session's gate lets one command at a time through;
/// all that concerns nodes goes through the tree, as any user's program would.
/// </summary>
/// <remarks>
/// The order of a start makes a crash harmless at any point: the node's session is made and lives by an open fid, the record is committed, only
/// then is the node's session made to stay, and only then the program started.
/// </remarks>
internal sealed class SessionEngine : IAsyncDisposable
{
    // So many nodes are spoken to at once for one session; more would only queue behind the same connections.
    private const int AtOnce = 64;

    private readonly TreeClient _tree;
    private readonly NodeInventory _nodes;
    private readonly SessionJournal _journal;
    private readonly ExecutionLimits _limits;
    private readonly TimeProvider _time;
    private readonly ISessionRegistry _registry;
    private readonly SplicePlanner _splices;
    private readonly SessionFiles _files;

    internal SessionEngine(
        TreeClient tree, NodeInventory nodes, SessionJournal journal, ExecutionLimits limits, TimeProvider time, ISessionRegistry registry)
    {
        (_tree, _nodes, _journal, _limits, _time, _registry) = (tree, nodes, journal, limits, time, registry);
        _splices = new SplicePlanner(tree);
        _files = new SessionFiles(tree);
    }

    public ValueTask DisposeAsync() => _splices.DisposeAsync();

    internal static void DemandNew(Session session)
    {
        if (session.Leaves.Count > 0)
        {
            throw new FileException(Errno.EBUSY, "The session has its nodes already: make another one for other nodes.");
        }
    }

    /// <summary>Reserves a group, all or nothing.</summary>
    internal ValueTask<CommandResult> ReserveAsync(
        Session session, int count, string? query, Caller caller, CancellationToken cancellation) => InTurnAsync(session, async () =>
    {
        DemandNew(session);
        if (count < 1 || count > _limits.ProcessesPerSession)
        {
            throw new FileException(Errno.EINVAL, $"res: between 1 and {_limits.ProcessesPerSession} processes (ProcessesPerSession), not {count}.");
        }

        session.Query = query ?? session.Query;
        await PlaceAsync(session, count, session.Query ?? "state=ready", isGroup: true, caller, cancellation);
        return CommandResult.Of("processes", count);
    }, cancellation);

    /// <summary>Starts a program on every process of the session, which gets a node first if it has none.</summary>
    internal ValueTask<CommandResult> ExecAsync(
        Session session, IReadOnlyList<string> command, Caller caller, CancellationToken cancellation) => InTurnAsync(session, async () =>
    {
        if (session.Started > 0)
        {
            throw new FileException(Errno.EBUSY, "The session has run its program already: make another one.");
        }

        if (session.Leaves.Count == 0)
        {
            await PlaceAsync(session, 1, session.Query, isGroup: false, caller, cancellation);
        }

        session.Record = session.Record with { Command = command, Started = _time.GetUtcNow() };
        await _journal.SaveAsync(session.Record, cancellation);
        session.MarkStarted();
        var outcomes = await ToAllAsync(session, leaf => CommandAsync(leaf, ["exec", .. command], CancellationToken.None));
        return await AfterStartAsync(session, outcomes, cancellation);
    }, cancellation);

    /// <summary>Gives the agent's command of the same name to every process, or keeps it for when there is a node.</summary>
    internal ValueTask<CommandResult> ForwardAsync(Session session, CommandCall call, CancellationToken cancellation) =>
        ForwardAsync(session, RcQuoting.Join(call.All), cancellation);

    internal ValueTask<CommandResult> SetUserAsync(Session session, CommandCall call, CancellationToken cancellation)
    {
        var name = call.Word("name");
        return call.Caller.IsAdmin || name == call.Caller.User
            ? ForwardAsync(session, RcQuoting.Join(call.All), cancellation)
            : throw new FileException(Errno.EPERM, $"{call.Caller.User} may not run programs as {name}.");
    }

    internal ValueTask<CommandResult> AddVariablesAsync(Session session, IReadOnlyList<string> variables, CancellationToken cancellation) =>
        InTurnAsync(session, async () =>
        {
            if (variables.FirstOrDefault(variable => variable.IndexOf('=', StringComparison.Ordinal) <= 0) is { } wrong)
            {
                throw new FileException(Errno.EINVAL, $"env: '{wrong}' is not NAME=value.");
            }

            session.Record = session.Record with { Variables = [.. session.Record.Variables, .. variables] };
            await Parallel.ForEachAsync(session.Leaves, cancellation, (leaf, stop) => WriteEnvironmentAsync(session, leaf, stop));
            return CommandResult.None;
        }, cancellation);

    /// <summary>Prefers the nodes of a session, or a node, for what is placed later.</summary>
    internal async ValueTask NearAsync(Session session, CommandCall call, CancellationToken cancellation)
    {
        DemandNew(session);
        var near = new HashSet<string>(session.Near ?? new HashSet<string>(), StringComparer.Ordinal);
        foreach (var path in call.Words("paths"))
        {
            if (!path.Contains("/proc/", StringComparison.Ordinal))
            {
                near.Add(path.TrimEnd('/'));
                continue;
            }

            var asked = new TreeClient(await _tree.WalkAsync("/", cancellation), call.Caller);
            var peer = path[..path.IndexOf("/proc/", StringComparison.Ordinal)];
            var lines = await asked.ReadTextAsync(path.TrimEnd('/') + "/topology", cancellation);
            near.UnionWith(lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => peer + line.Split(' ')[1]));
        }

        session.Near = near;
    }

    /// <summary>Feeds a session from another one, or from a file, by the shortest way there is.</summary>
    internal async ValueTask<CommandResult> SpliceAsync(Session session, CommandCall call, CancellationToken cancellation)
    {
        await session.Placed.WaitAsync(cancellation);
        if (session.Leaves.Count != 1)
        {
            throw new FileException(Errno.EINVAL, $"splice: this is a group; splice into one of its processes, such as {session.Number}/0.");
        }

        var (from, to) = ((int)call.Int("from", 1), (int)call.Int("to"));
        session.Splice = call.Word("path");
        return await _splices.SpliceAsync(session.Leaves[0], call.Word("path"), from, to, call.Caller, cancellation);
    }

    /// <summary>Ends and forgets a session: its processes, its nodes' sessions, its records.</summary>
    internal async ValueTask WipeAsync(Session session, CancellationToken cancellation)
    {
        await ReleaseAsync(session, cancellation);
        _registry.Remove(session);
    }

    /// <summary>What <see cref="WipeAsync"/> does, but for the directory.</summary>
    internal async ValueTask ReleaseAsync(Session session, CancellationToken cancellation)
    {
        await ToAllAsync(session, leaf => CommandAsync(leaf, ["wipe"], cancellation));
        foreach (var leaf in session.Leaves.Where(leaf => leaf.Exit is null))
        {
            _nodes.Count(leaf.Node, -1);
        }

        await _journal.ForgetAsync(session, cancellation);
    }

    internal async ValueTask KeepAsync(Session session, bool keep, CancellationToken cancellation)
    {
        session.Record = session.Record with { IsPersistent = keep };
        await _journal.SaveAsync(session.Record, cancellation);
    }

    private ValueTask<CommandResult> ForwardAsync(Session session, string line, CancellationToken cancellation) =>
        InTurnAsync(session, async () =>
        {
            if (session.Leaves.Count == 0)
            {
                session.Record = session.Record with { Settings = [.. session.Record.Settings, line] };
                return CommandResult.None;
            }

            var words = RcQuoting.Split(line);
            ThrowIfAnyFailed(session, await ToAllAsync(session, leaf => CommandAsync(leaf, words, cancellation)));
            return CommandResult.None;
        }, cancellation);

    private async ValueTask PlaceAsync(
        Session session, int count, string? query, bool isGroup, Caller caller, CancellationToken cancellation)
    {
        _registry.DemandRoom(session, count);
        var candidates = await _nodes.FindAsync(query, caller, cancellation);
        var where = query is null ? "kind=host" : query;
        if (candidates.Count == 0)
        {
            throw new FileException(Errno.ENODEV, $"No node is there for '{where}': see 'pewter node list'.");
        }

        var nodes = PlacementPolicy.Place(new PlacementRequest(count, session.Mode, session.MemoryEach, session.Near), candidates);
        if (nodes.Count == 0)
        {
            throw new FileException(Errno.ENOSPC,
                $"The {candidates.Count} nodes of '{where}' have no room for {count} more{(session.MemoryEach is { } each ? $" of {each} bytes of memory" : "")}.");
        }

        var files = await _files.BringAsync(session, nodes, caller, cancellation);
        var reservations = new LeafReservation?[count];
        try
        {
            await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation },
                async (i, stop) =>
                reservations[i] = await LeafReservation.MakeAsync(_tree, session, i, nodes[i], files?[nodes[i]], caller, stop));
            session.Record = session.Record with
            {
                IsGroup = isGroup,
                Leaves = [.. reservations.Select(made => new LeafRecord(made!.Leaf.Node, made.Leaf.AgentId))],
            };
            await _journal.SaveAsync(session.Record, cancellation);
            await Parallel.ForEachAsync(reservations, CancellationToken.None, (made, stop) => made!.KeepAsync(session, count, stop));
        }
        catch (AggregateException several) when (several.InnerException is FileException first)
        {
            throw new FileException(first.Errno, first.Message, several);
        }
        finally
        {
            foreach (var made in reservations.OfType<LeafReservation>())
            {
                await made.DisposeAsync();
            }
        }

        _registry.Placed(session, [.. reservations.Select(made => made!.Leaf)]);
    }

    private async ValueTask<CommandResult> AfterStartAsync(Session session, IReadOnlyList<FileException?> outcomes, CancellationToken cancellation)
    {
        if (outcomes.All(outcome => outcome is not null) && !session.Record.IsGroup)
        {
            session.MarkNotStarted();
            session.Record = session.Record with { Command = [], Started = null };
            await _journal.SaveAsync(session.Record, cancellation);
            throw outcomes[0]!;
        }

        for (var i = 0; i < outcomes.Count; i++)
        {
            if (outcomes[i] is { } failure)
            {
                await _registry.EndedAsync(session, session.Leaves[i], LeafExit.NotStarted(failure));
            }
        }

        ThrowIfAnyFailed(session, outcomes);
        return CommandResult.None;
    }

    private static void ThrowIfAnyFailed(Session session, IReadOnlyList<FileException?> outcomes)
    {
        var failed = Enumerable.Range(0, outcomes.Count).Where(i => outcomes[i] is not null).ToList();
        if (failed.Count > 0)
        {
            var first = outcomes[failed[0]]!;
            throw session.Record.IsGroup
                ? new FileException(first.Errno,
                    $"{failed.Count} of {outcomes.Count} failed, the first being {failed[0]} on {session.Leaves[failed[0]].Node}: {first.Message}", first)
                : new FileException(first.Errno, first.Message, first);
        }
    }

    private async ValueTask WriteEnvironmentAsync(Session session, Leaf leaf, CancellationToken cancellation) =>
        await LeafReservation.WriteEnvironmentAsync(_tree, leaf, session.Record.Variables, cancellation);

    private async ValueTask<FileException?> CommandAsync(Leaf leaf, IEnumerable<string> words, CancellationToken cancellation)
    {
        try
        {
            await _tree.CommandAsync(leaf.Path + "/ctl", words, cancellation);
            return null;
        }
        catch (FileException failure)
        {
            return failure;
        }
    }

    private static async ValueTask<IReadOnlyList<FileException?>> ToAllAsync(Session session, Func<Leaf, ValueTask<FileException?>> act)
    {
        var leaves = session.Leaves;
        var outcomes = new FileException?[leaves.Count];
        await Parallel.ForAsync(0, leaves.Count, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (i, _) =>
            outcomes[i] = await act(leaves[i]));
        return outcomes;
    }

    private static async ValueTask<CommandResult> InTurnAsync(Session session, Func<ValueTask<CommandResult>> act, CancellationToken cancellation)
    {
        await session.Gate.WaitAsync(cancellation);
        try
        {
            return await act();
        }
        finally
        {
            session.Gate.Release();
        }
    }
}
