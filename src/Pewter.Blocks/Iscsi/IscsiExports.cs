using Pewter.Blocks.Exports;
using Pewter.Blocks.Iscsi.Sessions;
using Pewter.Blocks.Scsi;

namespace Pewter.Blocks.Iscsi;

/// <summary>
/// Shows the exports of a table as iSCSI targets: each that lists initiators is target <c>PREFIX:NAME</c> with the disk
/// as LUN 0, and follows the table as exports come, change and go. Sessions hold leases, so a disk is closed only after
/// the last of its sessions. Dispose before the server.
/// </summary>
public sealed class IscsiExports : IAsyncDisposable
{
    private readonly IscsiServer _server;
    private readonly ExportTable _table;
    private readonly string _prefix;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, (Export Export, LogicalUnit Unit)> _shown = [];
    private readonly Dictionary<string, IReadOnlyList<string>> _problems = [];
    private readonly TaskTracker _withdrawals = new();

    /// <summary>Begins to show the table's exports.</summary>
    /// <param name="server">The server; its portals are the caller's.</param>
    /// <param name="table">The exports.</param>
    /// <param name="prefix">What target names begin with, e.g. <c>iqn.2026-11.example.pewter</c>.</param>
    public IscsiExports(IscsiServer server, ExportTable table, string prefix)
    {
        ArgumentNullException.ThrowIfNull(server);
        ArgumentNullException.ThrowIfNull(table);
        (_server, _table, _prefix) = (server, table, prefix);
        _table.Changed += OnChanged;
        foreach (Export export in _table.All)
            Follow(export.Name);
    }

    /// <summary>What was wrong with exports that are not shown, a sentence each.</summary>
    public IReadOnlyList<string> Problems
    {
        get
        {
            lock (_lock)
                return [.. _problems.Values.SelectMany(p => p)];
        }
    }

    /// <summary>The target name of an export.</summary>
    public string TargetName(string export) => IscsiName.Normalize($"{_prefix}:{export}");

    /// <summary>Withdraws all targets.</summary>
    public async ValueTask DisposeAsync()
    {
        _table.Changed -= OnChanged;
        lock (_lock)
        {
            foreach (string name in _shown.Keys)
                Withdraw(name);
            _shown.Clear();
        }
        await _withdrawals.WhenIdleAsync();
    }

    private void OnChanged(object? sender, string name) => Follow(name);

    private void Follow(string name)
    {
        lock (_lock)
        {
            Export? wanted = _table.Find(name) is { } export && export.Access.Initiators.Count > 0 ? export : null;
            _problems.Remove(name);
            if (_shown.TryGetValue(name, out (Export Export, LogicalUnit Unit) shown) && shown.Export != wanted)
            {
                Withdraw(name);
                _shown.Remove(name);
            }

            if (wanted is not null)
                Show(wanted);
        }
    }

    private void Show(Export export)
    {
        LogicalUnit unit = _shown.TryGetValue(export.Name, out (Export Export, LogicalUnit Unit) shown)
            ? shown.Unit
            : new LogicalUnit(export.Device, new UnitIdentity(export.Name)) { Traffic = export.Traffic };
        var config = new IscsiTargetConfig(TargetName(export.Name))
        {
            Alias = export.Description.Length > 0 ? export.Description : null,
            Units = new Dictionary<ushort, LogicalUnit> { [0] = unit },
            Access = [.. export.Access.Initiators.Select(i => Access(i, export.Access.IsReadOnly))],
            Admission = (initiator, close) => export.Open($"iscsi {initiator}", initiator, close),
        };
        IscsiTargetModel? model = IscsiTargetModel.TryCreate(config, out IReadOnlyList<string> errors);
        if (model is null)
        {
            _problems[export.Name] = errors;
            // Not with the access it had before: who was in it may be gone for a reason.
            if (_shown.Remove(export.Name))
                Withdraw(export.Name);
            return;
        }
        _shown[export.Name] = (export, unit);
        _server.Publish(model);
    }

    private static IscsiAccessConfig Access(ExportInitiator initiator, bool isReadOnly) => new(initiator.Name)
    {
        Chap = new ChapCredentials(initiator.User, initiator.Secret),
        MutualChap = initiator.TargetUser is { } user && initiator.TargetSecret is { } secret ? new ChapCredentials(user, secret) : null,
        IsReadOnly = isReadOnly,
    };

    private void Withdraw(string export) => _withdrawals.Watch(_server.WithdrawAsync(TargetName(export)).AsTask());
}
