using System.Globalization;
using Pewter.Hosting;
using Pewter.NineP;

namespace Pewter.Machines.Metal;

/// <summary>
/// The inventory of physical machines, behind <c>/metal</c>, and the kind of node that is made of them. Starts before the nodes do, since these
/// take their machines from it.
/// </summary>
public sealed class MetalService : IService
{
    private readonly MetalLimits _limits;
    private readonly CancellationTokenSource _stop = new();
    private readonly MetalKind _kind;
    private MetalInventory? _inventory;
    private Task _watching = Task.CompletedTask;

    /// <summary>Creates the service.</summary>
    /// <param name="limits">Limits other than the defaults.</param>
    /// <param name="guest">Makes, from the agent's program, the kernel and initramfs that mount a root over the network.</param>
    public MetalService(MetalLimits? limits = null, Func<string, CancellationToken, ValueTask<Vms.GuestImage>>? guest = null) =>
        (_limits, _kind) = (limits ?? new MetalLimits(), new MetalKind(guest));

    /// <inheritdoc/>
    public string Name => "metal";

    /// <summary>The kind <c>metal</c>, for the node service.</summary>
    public Nodes.INodeKind Kind => _kind;

    /// <inheritdoc/>
    public async ValueTask StartAsync(ServiceContext context, CancellationToken cancellation)
    {
        _inventory = new MetalInventory(context, _limits);
        await _inventory.LoadAsync(cancellation);
        _kind.Use(_inventory, context);
        context.Root.Add("metal", _inventory.Machines);
        _watching = WatchAsync(_inventory, context.Time);
    }

    /// <inheritdoc/>
    public IEnumerable<KeyValuePair<string, string>> Status() => (_inventory?.Machines.All() ?? [])
        .CountBy(machine => machine.Item.Record.State)
        .Select(pair => KeyValuePair.Create(pair.Key, pair.Value.ToString(CultureInfo.InvariantCulture)));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _watching;
        _stop.Dispose();
        if (_inventory is not null)
        {
            await _inventory.DisposeAsync();
        }
    }

    // A machine in use that somebody switched off by hand is a lost node.
    private async Task WatchAsync(MetalInventory inventory, TimeProvider time)
    {
        using var timer = new PeriodicTimer(_limits.Watch, time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token))
            {
                var busy = inventory.Machines.All().Select(known => known.Item).Where(machine => machine.Record.State == MetalStates.Busy);
                await Task.WhenAll(busy.Select(machine => LookAsync(inventory, machine)));
            }
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
    }

    private async Task LookAsync(MetalInventory inventory, MetalMachine machine)
    {
        try
        {
            var power = await inventory.WithControllerAsync(machine, (bmc, token) => bmc.PowerAsync(token), _stop.Token);
            if (machine.Power != power)
            {
                machine.Power = power;
                inventory.Machines.Changed(machine.Record.Number);
            }
        }
        catch (FileException)
        {
            // A controller that does not answer says nothing about its machine.
        }
    }
}
