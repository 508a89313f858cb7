using System.Collections.Concurrent;
using System.Globalization;
using Pewter.Linux;
using Pewter.Linux.Cgroups;
using Pewter.Linux.Processes;

namespace Pewter.Node.Processes;

/// <summary>
/// Runs and remembers the processes of one agent. Owns the loop, the journal, the cgroups and the sessions; may be called from any thread.
/// Sessions and their records survive the agent's death by the journal: see <see cref="Recovery"/>.
/// </summary>
public sealed class ProcessSupervisor : IDisposable
{
    private readonly ConcurrentDictionary<long, ProcessSession> _sessions = new();
    private readonly CgroupPool? _cgroups;
    private long _lastId;
    private long _reserved;
    private bool _disposed;
    private volatile bool _stopping;

    private ProcessSupervisor(SupervisorOptions options, TimeProvider time)
    {
        Options = options;
        Time = time;
        Directory.CreateDirectory(options.StateDirectory);
        var pool = options.CgroupName is { } name ? new CgroupPool(name) : null;
        _cgroups = pool is { IsUsable: true } ? pool : null;
        Loop = new EventLoop(time);
        Journal = null!;
    }

    /// <summary>Raised when an exit record is durable, on the journal's thread; must be short.</summary>
    public event Action<ProcessSession>? SessionEnded;

    /// <summary>How it was set up.</summary>
    public SupervisorOptions Options { get; }

    /// <summary>The sessions there are, in no order.</summary>
    public IEnumerable<ProcessSession> Sessions => _sessions.Values;

    /// <summary>Processes of an earlier agent that were found alive without a journal line and killed.</summary>
    public int SweptProcesses { get; private set; }

    internal TimeProvider Time { get; }

    internal EventLoop Loop { get; }

    internal ExitJournal Journal { get; private set; }

    private string JournalPath => Path.Join(Options.StateDirectory, "processes.journal");

    /// <summary>Opens the state directory, finds again what an earlier agent left, and is ready.</summary>
    public static ProcessSupervisor Open(SupervisorOptions options, TimeProvider time)
    {
        var supervisor = new ProcessSupervisor(options, time);
        supervisor.Recover();
        return supervisor;
    }

    /// <summary>The highest number that may have been used in this or an earlier life.</summary>
    public long LastId => Volatile.Read(ref _lastId);

    /// <summary>Makes a session to start a program in.</summary>
    public ProcessSession Create() => Create(Interlocked.Increment(ref _lastId));

    /// <summary>Makes a session under a number that the caller has never used before.</summary>
    public ProcessSession Create(long id)
    {
        Reserve(id);
        var session = new ProcessSession(this, id);
        _sessions[session.Id] = session;
        return session;
    }

    /// <summary>Finds a session; null when there is none of that number.</summary>
    public ProcessSession? Find(long id) => _sessions.GetValueOrDefault(id);

    /// <summary>Stops everything and forgets it: for an agent that ends for good.</summary>
    public async Task StopAllAsync(TimeSpan grace, CancellationToken cancellation)
    {
        // A session that is being started now holds its lock, so it is seen here as running; one that comes later is refused.
        _stopping = true;
        var running = _sessions.Values.Where(session => session.State == ProcessState.Running).ToList();
        await Task.WhenAll(running.Select(session => session.StopAsync(grace, cancellation)));
        foreach (var session in _sessions.Values)
        {
            session.Wipe();
        }

        _cgroups?.Close();
    }

    /// <summary>Lets go of everything; what runs goes on, to be found again by the next agent.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, true))
        {
            return;
        }

        Loop.Dispose();
        Journal.Dispose();
    }

    internal string SessionName(long id) => $"{Options.CgroupName ?? "agent"}/{id.ToString(CultureInfo.InvariantCulture)}";

    internal OutputLimits OutputLimitsFor(long id, string stream) => Options.Output.SpoolBytes == 0
        ? Options.Output
        : Options.Output with { SpoolPath = Path.Join(Options.StateDirectory, $"{id.ToString(CultureInfo.InvariantCulture)}.{stream}") };

    internal Cgroup? RentCgroup(CgroupLimits limits) => _stopping
        ? throw new LinuxException(LinuxErrno.ESHUTDOWN, "start a program: the agent is ending")
        : _cgroups?.Rent(limits);

    internal void ReturnCgroup(Cgroup group, bool limited) => _cgroups!.Return(group, limited);

    internal void JournalStart(ProcessSession session, RunningProcess process) =>
        Journal.Write(JournalLines.Start(session, process));

    internal void JournalKeep(ProcessSession session) => Journal.Write(JournalLines.Keep(session.Id, session.IsKept));

    internal void Ended(ProcessSession session) => SessionEnded?.Invoke(session);

    internal void Forget(ProcessSession session)
    {
        _sessions.TryRemove(session.Id, out _);
        Journal.Write(JournalLines.Wipe(session.Id));
    }

    /// <summary>Asks the guardian's records, again and again for a second, how a process that is not our child ended.</summary>
    internal void FindOrphanRecord(RunningProcess process, Action<WaitStatus?> found, int tries = 20)
    {
        var status = Options.OrphanRecords is { } path ? OrphanRecords.Find(path, process) : null;
        if (status is not null || tries == 0 || Options.OrphanRecords is null)
        {
            found(status);
            return;
        }

        Loop.After(TimeSpan.FromMilliseconds(50), () => FindOrphanRecord(process, found, tries - 1));
    }

    private void Recover()
    {
        var recovery = Recovery.Read(JournalPath);
        _lastId = _reserved = recovery.LastId;
        recovery.Rewrite(JournalPath, Options.RetainedRecords);
        Journal = new ExitJournal(JournalPath);
        foreach (var life in recovery.Ended)
        {
            Restore(life).Restore(life.End!, life.Start?.Spec);
        }

        var kept = recovery.Running.Where(TryAdopt).Select(life => life.Start!.Cgroup).ToHashSet(StringComparer.Ordinal);
        SweptProcesses = _cgroups?.Sweep(kept) ?? 0;

        // Nobody looks at a session before what has become of it is settled and durable.
        var over = _sessions.Values.Where(session => session.Process is null);
        Task.WaitAll([.. over.Select(session => session.Exit)]);
    }

    private bool TryAdopt(Recovery.Life life)
    {
        var start = life.Start!;
        var session = Restore(life);
        if (Adoption.TryFind(start, name => _cgroups?.Adopt(name)) is { } found)
        {
            session.Adopt(start.Spec, found.Process, found.Output, found.Error);
            if (life.IsWiped)
            {
                session.Wipe();
            }

            return true;
        }

        var orphan = Options.OrphanRecords is { } path ? OrphanRecords.Find(path, start.ProcessId, start.StartTicks) : null;
        var record = start.Conclude(orphan, Time.GetUtcNow());
        Journal.Commit(record.ToJson(), () => session.Restore(record, start.Spec));
        if (life.IsWiped)
        {
            _sessions.TryRemove(session.Id, out _);
        }

        return false;
    }

    private ProcessSession Restore(Recovery.Life life)
    {
        var id = life.Start?.Session ?? life.End!.Session;
        var session = new ProcessSession(this, id) { IsKept = life.IsKept };
        _sessions[id] = session;
        return session;
    }

    // Numbers are reserved in the journal a thousand at a time, so that none is used twice even if its session never started anything.
    private void Reserve(long id)
    {
        const int Step = 1000;
        lock (_sessions)
        {
            _lastId = Math.Max(_lastId, id);
            if (id > _reserved)
            {
                _reserved = id + Step;
                Journal.Write(JournalLines.Reserve(_reserved));
            }
        }
    }
}
