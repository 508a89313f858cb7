using Pewter.Linux;
using Pewter.Linux.Cgroups;
using Pewter.Linux.Polling;
using Pewter.Linux.Processes;
using Pewter.Node.Splices;

namespace Pewter.Node.Processes;

/// <summary>
/// One program's life: its streams before, while and after it runs, and its exit record. Owned by <see cref="ProcessSupervisor"/>.
/// </summary>
/// <remarks>
/// <code>New ──Start──▶ Running ──process over, output drained, record durable──▶ Ended ──Wipe──▶ Wiped</code>
/// Members may be called from any thread. What the loop's thread owns is marked; the rest is under the lock.
/// </remarks>
public sealed class ProcessSession : ILoopHandler
{
    private const int Kill = 9;
    private const int Terminate = 15;

    private readonly Lock _lock = new();
    private readonly ProcessSupervisor _supervisor;
    private readonly TaskCompletionSource<ExitRecord> _exit = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Owned by the loop's thread once the process runs.
    private readonly List<OutputPump> _pumps = [];
    private WaitStatus? _status;
    private bool _finished;
    private ulong _tag;

    private RunningProcess? _running;
    private ProcessState _state;
    private (ExitCause Cause, string Note)? _verdict;
    private string _note = "";
    private string _cutNote = "";

    internal ProcessSession(ProcessSupervisor supervisor, long id)
    {
        _supervisor = supervisor;
        Id = id;
        Splices = new SessionSplices(supervisor.Loop, this);
        Stdout = new OutputLog(supervisor.OutputLimitsFor(id, "stdout"));
        Stderr = new OutputLog(supervisor.OutputLimitsFor(id, "stderr"));
    }

    /// <summary>The session's number; never reused.</summary>
    public long Id { get; }

    /// <summary>What it prints; with a terminal, all of it.</summary>
    public OutputLog Stdout { get; }

    /// <summary>What it prints as errors.</summary>
    public OutputLog Stderr { get; }

    /// <summary>Where its output goes, and its input comes from, without passing through here.</summary>
    public SessionSplices Splices { get; }

    /// <summary>Bytes it has printed, spliced or not.</summary>
    public long OutputBytes => Stdout.End + Stderr.End + Splices.LiveBytes;

    /// <summary>Its input; null before it runs, and for a process found again after the agent's death.</summary>
    public InputPipe? Stdin { get; private set; }

    /// <summary>Where it is in its life.</summary>
    public ProcessState State
    {
        get
        {
            lock (_lock)
            {
                return _state;
            }
        }
    }

    /// <summary>Whether it stays when nobody has it open; outlives the agent.</summary>
    public bool IsKept { get; internal set; }

    /// <summary>What was started; null before.</summary>
    public ProcessSpec? Spec { get; private set; }

    /// <summary>The process; null before it runs.</summary>
    public RunningProcess? Process
    {
        get
        {
            lock (_lock)
            {
                return _running;
            }
        }
    }

    /// <summary>The exit record, once it is durable and the output before it can be read.</summary>
    public Task<ExitRecord> Exit => _exit.Task;

    /// <summary>Starts the program. Returns once it has reached exec.</summary>
    /// <exception cref="LinuxException">It could not start; the session is as before.</exception>
    /// <exception cref="InvalidOperationException">It was started before.</exception>
    public void Start(ProcessSpec spec)
    {
        lock (_lock)
        {
            if (_state != ProcessState.New)
            {
                throw new InvalidOperationException("This session has been started before.");
            }

            var cgroup = _supervisor.RentCgroup(spec.Limits);
            ProcessLaunch? launch = null;
            try
            {
                launch = ProcessLaunch.Start(spec, _supervisor.SessionName(Id), cgroup, _supervisor.Options);
            }
            finally
            {
                if (launch is null && cgroup is not null)
                {
                    _supervisor.ReturnCgroup(cgroup, !spec.Limits.IsEmpty);
                }
            }

            launch.Keep();
            var started = _supervisor.Time.GetUtcNow();
            var ticks = ProcessStat.ReadStartTicks(launch.Child.Id);
            Begin(spec, new RunningProcess(launch.Child, ticks, started, cgroup, isChild: true)
            {
                IsLimited = !spec.Limits.IsEmpty,
            });
            Stdin = new InputPipe(_supervisor.Loop, launch.Input, spec.Terminal);
            _supervisor.JournalStart(this, _running!);
            Follow(launch.Output, launch.Error);
        }

        Splices.ProgramStarted();
    }

    /// <summary>Sends a signal to the main process. False when it is over.</summary>
    public bool Signal(int signal)
    {
        // Under the lock, because the handle's number may belong to another once the session has ended.
        lock (_lock)
        {
            return _state == ProcessState.Running && _running!.Pidfd.Signal(signal);
        }
    }

    /// <summary>Sends a signal to the process group: the main process and what it started, unless that left the group.</summary>
    public bool SignalGroup(int signal)
    {
        lock (_lock)
        {
            return _state == ProcessState.Running && ProcessControl.Signal(-_running!.Id, signal);
        }
    }

    /// <summary>Kills all of it at once.</summary>
    /// <param name="cause">What to say in the exit record; null: that a signal did it.</param>
    /// <param name="note">The rule behind it.</param>
    public void KillAll(ExitCause? cause = null, string note = "")
    {
        lock (_lock)
        {
            if (_state != ProcessState.Running)
            {
                return;
            }

            Judge(cause, note);
            ProcessControl.Signal(-_running!.Id, Kill);
            _running.Pidfd.Signal(Kill);
            _running.Cgroup?.KillAll();
        }
    }

    /// <summary>Asks all of it to end, and kills what has not after <paramref name="grace"/>.</summary>
    public async Task<ExitRecord> StopAsync(TimeSpan grace, CancellationToken cancellation, ExitCause? cause = null, string note = "")
    {
        if (State == ProcessState.Running)
        {
            lock (_lock)
            {
                Judge(cause, note);
            }

            SignalGroup(Terminate);
            try
            {
                await Exit.WaitAsync(grace, _supervisor.Time, cancellation);
            }
            catch (TimeoutException)
            {
                KillAll(cause, note);
            }
        }

        return await Exit.WaitAsync(cancellation);
    }

    /// <summary>Changes the limits of the running process and everything it started.</summary>
    /// <exception cref="LinuxException">ENOSYS: there are no cgroups here for it.</exception>
    public void SetLimits(CgroupLimits limits)
    {
        var group = Process?.Cgroup ?? throw new LinuxException(LinuxErrno.ENOSYS, "limit a process without a cgroup");
        group.SetLimits(limits);
        Process!.IsLimited = true;
    }

    /// <summary>Changes <see cref="IsKept"/>.</summary>
    public void Keep(bool keep)
    {
        IsKept = keep;
        _supervisor.JournalKeep(this);
    }

    /// <summary>Kills what is left, forgets the output and the record.</summary>
    public void Wipe()
    {
        KillAll();
        lock (_lock)
        {
            if (_state == ProcessState.Wiped)
            {
                return;
            }

            var before = _state;
            _state = ProcessState.Wiped;
            if (before != ProcessState.Running)
            {
                Release();
            }
        }

        Splices.Wiped();
        _supervisor.Forget(this);
    }

    /// <summary>What reads an output now; null when nothing does. On the loop's thread.</summary>
    internal OutputPump? PumpOf(OutputLog log) => _pumps.Find(pump => pump.Log == log && !pump.IsClosed);

    /// <summary>Begins to feed the running program over a channel, one of a pair that becomes the splice's.</summary>
    internal SpliceTaker Take(int socket, SpliceEdge edge, Action<SpliceEdge> told) => Stdin switch
    {
        { IsClosed: false, IsTerminal: false } input => new SpliceTaker(_supervisor.Loop, input, socket, edge, told),
        { IsClosed: false } => throw new LinuxException(LinuxErrno.EINVAL, "splice into a terminal"),
        _ => throw new LinuxException(LinuxErrno.EPIPE, SpliceTaker.TargetEnded),
    };

    /// <summary>Takes over a process that an earlier agent started.</summary>
    internal void Adopt(ProcessSpec spec, RunningProcess process, int output, int error)
    {
        lock (_lock)
        {
            Begin(spec, process);
            _note = "found again after the agent's restart";
            Follow(output, error);
        }
    }

    /// <summary>Restores a session that was over before this agent began.</summary>
    internal void Restore(ExitRecord record, ProcessSpec? spec)
    {
        lock (_lock)
        {
            Spec = spec;
            _state = ProcessState.Ended;
            Stdout.Complete();
            Stderr.Complete();
            Splices.Restored(record);
            _exit.TrySetResult(record);
        }
    }

    void ILoopHandler.OnReady(EpollEvents events)
    {
        var process = _running!;
        if (process.IsChild)
        {
            // It is reaped when its record is durable. If this agent dies before, its guardian reaps it and writes down the same.
            _status = ProcessWait.Peek(process.Pidfd.Number());
            if (_status is null)
            {
                return;
            }
        }

        _supervisor.Loop.Remove(process.Pidfd.Number(), _tag);
        Stdin?.Dispose();
        process.MarkOver();
        if (_pumps.TrueForAll(pump => pump.IsClosed))
        {
            Finish();
            return;
        }

        _supervisor.Loop.After(_supervisor.Options.DrainTimeout, CutOff);
    }

    private void Judge(ExitCause? cause, string note)
    {
        if (cause is { } said)
        {
            _verdict ??= (said, note);
        }
    }

    private void Begin(ProcessSpec spec, RunningProcess process)
    {
        Spec = spec;
        _running = process;
        _state = ProcessState.Running;
    }

    private void Follow(int output, int error)
    {
        AddPump(Stdout, output);
        AddPump(Stderr, error);
        foreach (var pump in _pumps)
        {
            pump.Start();
        }

        _supervisor.Loop.Add(_running!.Pidfd.Number(), EpollEvents.Input, this, out _tag);
    }

    private void AddPump(OutputLog log, int descriptor)
    {
        if (descriptor < 0)
        {
            log.Complete();
            return;
        }

        _pumps.Add(new OutputPump(_supervisor.Loop, log, descriptor, FinishIfOver));
    }

    private void FinishIfOver()
    {
        if (_running!.IsOver && _pumps.TrueForAll(pump => pump.IsClosed))
        {
            Finish();
        }
    }

    private void CutOff()
    {
        if (_finished)
        {
            return;
        }

        var left = _running!.Cgroup?.Members().Count;
        _cutNote = left is > 0
            ? $"{left} processes that it left behind still hold its output open; the rest of it is cut off"
            : "its output is still held open by others; the rest of it is cut off";
        _pumps.ForEach(pump => pump.Cut());
    }

    private void Finish()
    {
        if (_finished)
        {
            return;
        }

        _finished = true;
        _note = _pumps.Exists(pump => pump.WasCut) ? _cutNote : _note;
        var process = _running!;
        if (_status is null && !process.IsChild)
        {
            _supervisor.FindOrphanRecord(process, status => Conclude(process, status));
            return;
        }

        Conclude(process, _status);
    }

    private void Conclude(RunningProcess process, WaitStatus? status)
    {
        var record = Describe(process, status);
        Splices.Concluded(record);
        _supervisor.Journal.Commit(record.ToJson(), () =>
        {
            lock (_lock)
            {
                End(process);
            }

            _exit.TrySetResult(record);
            _supervisor.Ended(this);
        });
    }

    private void End(RunningProcess process)
    {
        if (process.IsChild)
        {
            ProcessWait.TryWait(process.Pidfd.Number());
        }

        process.Pidfd.Dispose();
        if (_state == ProcessState.Wiped)
        {
            Release();
            return;
        }

        _state = ProcessState.Ended;
        if (process.Cgroup is { } group && group.IsEmpty)
        {
            _supervisor.ReturnCgroup(group, process.IsLimited);
            process.Cgroup = null;
        }
    }

    private ExitRecord Describe(RunningProcess process, WaitStatus? status)
    {
        var note = _verdict?.Note is { Length: > 0 } rule ? rule : _note;
        return new ExitRecord
        {
            Session = Id,
            Cause = CauseOf(process, status),
            Code = status?.ExitCode,
            Signal = status?.Signal ?? 0,
            ProcessId = process.Id,
            StartedAt = process.StartedAt,
            EndedAt = _supervisor.Time.GetUtcNow(),
            Usage = status?.Usage ?? default,
            OutputBytes = OutputBytes,
            DroppedBytes = Stdout.Start + Stderr.Start,
            Note = status is null ? "it ended while no agent was its parent; how is not known" : note,
        };
    }

    private ExitCause CauseOf(RunningProcess process, WaitStatus? status) => status switch
    {
        null => ExitCause.Lost,
        { ExitCode: not null } => ExitCause.Exit,
        _ when _verdict is { } verdict => verdict.Cause,
        { Signal: Kill } when process.IsLimited && process.Cgroup?.OutOfMemoryKills() > 0 => ExitCause.OutOfMemory,
        _ => ExitCause.Signal,
    };

    // Under the lock, when nothing runs any more.
    private void Release()
    {
        Stdin?.Dispose();
        Stdout.Dispose();
        Stderr.Dispose();
        if (_running is { Cgroup: { } group } process)
        {
            _supervisor.ReturnCgroup(group, process.IsLimited);
            process.Cgroup = null;
        }
    }
}
