using Pewter.Blocks.Iscsi.Login;
using Pewter.Blocks.Iscsi.Wire;
using Pewter.Blocks.Scsi;

namespace Pewter.Blocks.Iscsi.Sessions;

/// <summary>
/// An initiator's session with a target (RFC 7143 4.4): its connections, its command numbering, the commands under way
/// and its paths to the disks. All members may be called at once; one lock, held for a few instructions, guards all of
/// it, and is taken under a writer's gate but never around one.
/// </summary>
internal sealed class IscsiSession
{
    private readonly Lock _lock = new();
    private readonly CommandWindow _window;
    private readonly Dictionary<uint, IscsiTask> _parked = [];
    private readonly Dictionary<uint, HeldPdu> _held = [];
    private readonly Stack<IscsiTask> _free = new();
    private readonly Dictionary<ushort, Nexus> _nexuses = [];
    private readonly List<IscsiConnection> _connections = [];
    private readonly List<(IscsiTask[] Tasks, TaskCompletionSource Ended)> _awaited = [];
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly IscsiLimits _limits;
    private int _writeBytes;
    private uint _lastTransferTag;
    private bool _closing;
    private IDisposable? _lease;

    public IscsiSession(LoginNegotiation login, in LoginRequest request, ushort tsih, IscsiLimits limits)
    {
        Initiator = new InitiatorPort(login.Initiator, request.Isid);
        IsDiscovery = login.IsDiscovery;
        Target = login.Target;
        Parameters = login.Parameters;
        Proven = login.Proven;
        Tsih = tsih;
        _limits = limits;
        _window = new CommandWindow(request.CmdSn, limits.QueueDepth);
        if (Target is { } target)
            AttachUnits(target.Model, login.Access!.IsReadOnly);
    }

    public InitiatorPort Initiator { get; }

    public bool IsDiscovery { get; }

    public IscsiTarget? Target { get; }

    public SessionParameters Parameters { get; }

    /// <summary>What discovery may go by.</summary>
    public IReadOnlyList<IscsiAccessConfig> Proven { get; }

    public ushort Tsih { get; }

    /// <summary>Ends when the last connection has gone and nothing runs any more.</summary>
    public Task Closed => _closed.Task;

    public (uint Expected, uint Max) CommandNumbers
    {
        get
        {
            lock (_lock)
                return (_window.Expected, _window.Max);
        }
    }

    public IReadOnlyList<IscsiConnection> Connections
    {
        get
        {
            lock (_lock)
                return [.. _connections];
        }
    }

    public LoginStatus TryAdd(IscsiConnection connection)
    {
        lock (_lock)
        {
            if (_closing)
                return LoginStatus.SessionDoesNotExist;
            if (_connections.Count >= Parameters.MaxConnections)
                return LoginStatus.TooManyConnections;
            _connections.Add(connection);
            return LoginStatus.Success;
        }
    }

    /// <summary>Takes a connection out after its loop has ended; the session ends with its last one.</summary>
    public async Task RemoveAsync(IscsiConnection connection)
    {
        await AbortAsync(task => task.Connection == connection);
        bool last;
        lock (_lock)
        {
            _connections.Remove(connection);
            last = _connections.Count == 0;
            _closing |= last;
        }
        if (last)
            Close();
    }

    /// <summary>Ends every connection, and with them the session.</summary>
    public async Task CloseAsync()
    {
        BeginClose();
        await Closed;
    }

    /// <summary>
    /// Asks whoever owns the disks whether the session may begin; throws <see cref="BlockException"/> when it may not.
    /// </summary>
    public void Admit(IscsiAdmission? admission) => _lease = admission?.Invoke(Initiator.Name, BeginClose);

    public Nexus? FindNexus(ulong lun)
    {
        int number = LunFormat.Decode(lun);
        return number < 0 ? null : _nexuses.GetValueOrDefault((ushort)number);
    }

    /// <summary>A path to any unit, for commands that do not depend on one.</summary>
    public Nexus AnyNexus => _nexuses.Values.First();

    public Arrival Offer(uint cmdSn)
    {
        lock (_lock)
            return _window.Offer(cmdSn);
    }

    /// <summary>Keeps a request until those before it have come.</summary>
    public void Hold(HeldPdu pdu, uint cmdSn)
    {
        lock (_lock)
            _held.TryAdd(cmdSn, pdu);
    }

    /// <summary>Takes a kept request whose turn has come.</summary>
    public bool TryTakeHeld(out HeldPdu pdu)
    {
        pdu = null!;
        lock (_lock)
        {
            if (_held.Count == 0 || !_held.Remove(_window.Expected, out HeldPdu? held))
                return false;
            _window.Offer(_window.Expected);
            pdu = held;
            return true;
        }
    }

    public IscsiTask Rent()
    {
        lock (_lock)
            return _free.TryPop(out IscsiTask? task) ? task : new IscsiTask();
    }

    /// <summary>Puts a task that does not end inline into the table; false when its tag is taken.</summary>
    public bool TryPark(IscsiTask task)
    {
        lock (_lock)
        {
            if (!_parked.TryAdd(task.Tag, task))
                return false;
            if (!task.IsImmediate)
                _window.Park();
            return true;
        }
    }

    /// <summary>Takes the bytes of a write into the session's account; false when it is full.</summary>
    public bool TryCharge(IscsiTask task, int bytes)
    {
        lock (_lock)
        {
            if (_writeBytes > 0 && _writeBytes + bytes > _limits.WriteBytesPerSession)
                return false;
            _writeBytes += bytes;
            task.Charged = bytes;
            return true;
        }
    }

    /// <summary>Ends a parked task.</summary>
    public void Unpark(IscsiTask task)
    {
        lock (_lock)
        {
            _parked.Remove(task.Tag);
            if (!task.IsImmediate)
                _window.Unpark();
            _writeBytes -= task.Charged;
            for (int i = _awaited.Count - 1; i >= 0; i--)
            {
                if (_awaited[i].Tasks.Any(IsParked))
                    continue;
                _awaited[i].Ended.TrySetResult();
                _awaited.RemoveAt(i);
            }
        }
    }

    /// <summary>Gives a task back that is in no table.</summary>
    public void Return(IscsiTask task)
    {
        task.Reset();
        lock (_lock)
        {
            if (_free.Count < _limits.QueueDepth)
                _free.Push(task);
        }
    }

    public IscsiTask? Find(uint tag, IscsiConnection connection)
    {
        lock (_lock)
            return _parked.TryGetValue(tag, out IscsiTask? task) && task.Connection == connection ? task : null;
    }

    public IscsiTask? Find(uint tag)
    {
        lock (_lock)
            return _parked.GetValueOrDefault(tag);
    }

    public uint NextTransferTag()
    {
        lock (_lock)
        {
            if (++_lastTransferTag == BasicHeader.NoTag)
                _lastTransferTag = 1;
            return _lastTransferTag;
        }
    }

    /// <summary>
    /// Aborts the parked tasks that match: those that wait for data end at once, those at the device when it is done
    /// with them.
    /// </summary>
    public Task AbortAsync(Func<IscsiTask, bool> matches)
    {
        IscsiTask[] tasks;
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            tasks = [.. _parked.Values.Where(matches)];
            foreach (IscsiTask task in tasks)
                task.IsAborted = true;
            IscsiTask[] executing = [.. tasks.Where(t => t.IsExecuting)];
            if (executing.Length == 0)
                ended.SetResult();
            else
                _awaited.Add((executing, ended));
        }
        // The waiting ones have no thread of their own; their buffers are left to the collector, as a Data-Out may be
        // filling one right now.
        foreach (IscsiTask task in tasks.Where(t => !t.IsExecuting))
            Unpark(task);
        return ended.Task;
    }

    /// <summary>Marks a task as at the device; false when it was aborted meanwhile.</summary>
    public bool TryBeginExecution(IscsiTask task)
    {
        lock (_lock)
        {
            if (task.IsAborted)
                return false;
            task.IsExecuting = true;
            return true;
        }
    }

    private bool IsParked(IscsiTask task) => _parked.TryGetValue(task.Tag, out IscsiTask? found) && found == task;

    private void AttachUnits(IscsiTargetModel model, bool readOnly)
    {
        string port = $"{model.Name},t,0x0001";
        foreach ((ushort lun, LogicalUnit unit) in model.Units)
        {
            var nexus = new Nexus(unit, Initiator, model.Luns, port) { IsReadOnly = readOnly };
            unit.Attach(nexus);
            unit.Aborting += OnAborting;
            _nexuses.Add(lun, nexus);
        }
    }

    private void OnAborting(IReadOnlyList<InitiatorPort> initiators)
    {
        if (initiators.Contains(Initiator))
            _ = AbortAsync(_ => true);
    }

    /// <summary>Ends a session that was not admitted.</summary>
    public void Abandon(IscsiConnection connection)
    {
        lock (_lock)
        {
            _connections.Remove(connection);
            _closing = true;
        }
        Close();
    }

    private void BeginClose()
    {
        lock (_lock)
            _closing = true;
        foreach (IscsiConnection connection in Connections)
            connection.Close();
    }

    private void Close()
    {
        foreach (Nexus nexus in _nexuses.Values)
        {
            nexus.Unit.Aborting -= OnAborting;
            nexus.Unit.Detach(nexus);
        }
        _lease?.Dispose();
        _closed.TrySetResult();
    }
}
