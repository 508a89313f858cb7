namespace Pewter.Blocks.Exports;

/// <summary>
/// One disk as the engines serve it: its name, its device, who may come, and what passed. Sessions hold an <see cref="ExportLease"/>; the device
/// is closed when the export was removed and the last lease ended.
/// </summary>
public sealed class Export
{
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly HashSet<ExportLease> _leases = [];
    private volatile ExportAccess _access;
    private bool _isRemoved;

    internal Export(string name, BlockDevice device, ExportAccess access, string description)
    {
        Name = name;
        Device = device;
        _access = access;
        Description = description;
    }

    /// <summary>The NBD export name and the last part of the iSCSI target name.</summary>
    public string Name { get; }

    /// <summary>A sentence for people, or nothing.</summary>
    public string Description { get; }

    /// <summary>The disk.</summary>
    public BlockDevice Device { get; }

    /// <summary>Whether writes are refused, by the device or by the access.</summary>
    public bool IsReadOnly => Device.IsReadOnly || _access.IsReadOnly;

    /// <summary>Who may come. A change holds for the logins after it.</summary>
    public ExportAccess Access
    {
        get => _access;
        set
        {
            _access = value;
            AccessChanged?.Invoke(this, EventArgs.Empty);
        }
    }

    internal event EventHandler? AccessChanged;

    /// <summary>What passed since the export began, over all sessions.</summary>
    public ExportTraffic Traffic { get; } = new();

    /// <summary>The sessions on it.</summary>
    public IReadOnlyCollection<ExportLease> Leases
    {
        get
        {
            lock (_lock)
                return [.. _leases];
        }
    }

    /// <summary>Begins a session, after the engine has checked <see cref="Access"/>.</summary>
    /// <param name="client">Who it is, such as <c>nbd 10.0.0.7:4711</c> or <c>iscsi iqn.…</c>.</param>
    /// <param name="host">What tells one machine from another: an address, <c>unix</c>, an initiator name.</param>
    /// <param name="close">Ends the session when the export is removed; may be called from any thread, once, and must not wait.</param>
    /// <exception cref="BlockException">
    /// ESHUTDOWN when the export is being removed; EBUSY when the disk is for one host and another has it.
    /// </exception>
    public ExportLease Open(string client, string host, Action close)
    {
        lock (_lock)
        {
            if (_isRemoved)
                throw new BlockException(BlockErrno.ESHUTDOWN, $"Export {Name} is being removed.");
            if (_access.OneHost && _leases.FirstOrDefault(l => l.Host != host) is { } other)
                throw new BlockException(BlockErrno.EBUSY, $"Export {Name} is in use by {other.Client}, and only one host may use it.");
            var lease = new ExportLease(this, client, host, close);
            _leases.Add(lease);
            return lease;
        }
    }

    internal void End(ExportLease lease)
    {
        lock (_lock)
        {
            _leases.Remove(lease);
            if (_isRemoved && _leases.Count == 0)
                _drained.TrySetResult();
        }
    }

    internal Task RemoveAsync()
    {
        ExportLease[] leases;
        lock (_lock)
        {
            _isRemoved = true;
            leases = [.. _leases];
            if (leases.Length == 0)
                _drained.TrySetResult();
        }

        foreach (ExportLease lease in leases)
            lease.Close();
        return _drained.Task;
    }
}
