using System.Globalization;
using Pewter.Hosting;
using Pewter.Networks.Plane;
using Pewter.Networks.Segments;

namespace Pewter.Networks;

/// <summary>
/// The networks of this machine, behind <c>/net</c>: isolated segments that nodes are connected to. They outlive the daemon; a start finds them again
/// by the journal and puts right what was changed meanwhile.
/// </summary>
public sealed class NetworkService : IService
{
    internal const string ServiceName = "net";

    private readonly NetworkServiceOptions _options;
    private NetworkTable? _table;
    private IPlane _plane = new NoPlane();
    private Task _watching = Task.CompletedTask;

    /// <summary>Creates the service.</summary>
    public NetworkService(NetworkServiceOptions? options = null) => _options = options ?? new NetworkServiceOptions();

    /// <inheritdoc/>
    public string Name => ServiceName;

    /// <inheritdoc/>
    public async ValueTask StartAsync(ServiceContext context, CancellationToken cancellation)
    {
        var state = await NetworkJournal.LoadAsync(context.Store, cancellation);
        var place = SegmentPlace.For(context, _options);
        _plane = _options.IsServed ? new PlaneSupervisor(context, place, _options) : new NoPlane();
        _table = new NetworkTable(context, _options, place, state.Counters, _plane);
        foreach (var port in state.Ports)
        {
            _table.Book.Restore(port);
        }

        foreach (var record in state.Networks)
        {
            _table.Restore(record);
        }

        await Task.WhenAll(state.Switches.Select(_table.Switches.RestoreAsync));
        _table.Ports.Restore(state.Actions);
        await Task.WhenAll(_table.Book.Networks.Select(network => RecoverAsync(context, network)));
        _table.Ports.Resume();
        context.Root.Add("net", _table.Collection);
        _watching = new NetworkWatch(_table, context).RunAsync();
    }

    /// <inheritdoc/>
    public IEnumerable<KeyValuePair<string, string>> Status() => (_table?.Book.Networks ?? [])
        .CountBy(network => network.Record.State)
        .Select(pair => KeyValuePair.Create(pair.Key, pair.Value.ToString(CultureInfo.InvariantCulture)));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_table is not null)
        {
            await _table.DisposeAsync();
        }

        await _watching;
        (_plane as IDisposable)?.Dispose();
    }

    private async Task RecoverAsync(ServiceContext context, Network network)
    {
        try
        {
            await _table!.RecoverAsync(network);
        }
        catch (Exception failure) when (ServiceFailure.IsExpected(failure))
        {
            context.Log.Warn("a network could not be recovered yet", ("net", network.Id), ("error", failure.Message));
        }
    }
}
