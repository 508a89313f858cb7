using System.Text.Json;
using Pewter.Bmc;
using Pewter.Hosting;
using Pewter.NineP;
using Pewter.Store;
using Pewter.Tree;

namespace Pewter.Machines.Metal;

/// <summary>
/// The physical machines that are known, behind <c>/metal</c>: who is free, who is whose, and their controllers. Owns the collection.
/// </summary>
/// <remarks>
/// Safe to use from any thread. One gate orders every change of a record, so that two callers never get the same machine; a change is durable
/// before it is seen. Controllers are spoken to outside of the gate.
/// </remarks>
internal sealed class MetalInventory : IAsyncDisposable
{
    private const string RecordKind = "metal-machine";
    private readonly SemaphoreSlim _gate = new(1);
    private readonly StateStore _store;
    private readonly TimeProvider _time;

    public MetalInventory(ServiceContext context, MetalLimits limits)
    {
        (_store, _time, Limits) = (context.Store, context.Time, limits);
        Secrets = new MetalSecrets(context.StateDirectory);
        Machines = new Collection<MetalMachine>(MetalDeclaration.For(this), _time, MetalCommands.OfCollection(this));
    }

    public Collection<MetalMachine> Machines { get; }

    public MetalLimits Limits { get; }

    public MetalSecrets Secrets { get; }

    /// <summary>Puts back what is stored.</summary>
    public async ValueTask LoadAsync(CancellationToken cancellation)
    {
        long last = 0;
        await foreach (var entity in _store.ReadAllAsync(RecordKind, cancellation))
        {
            var record = JsonSerializer.Deserialize(entity.Body.Span, MetalRecordJson.Default.MetalRecord)!;
            last = Math.Max(last, record.Number);
            Machines.Add(record.Number, new MetalMachine(record), record.Name);
        }

        Machines.Continue(last);
    }

    /// <summary>Adds a machine. EEXIST when its name, a card or its controller is known already.</summary>
    public async ValueTask<MetalMachine> AddAsync(MetalRecord record, CancellationToken cancellation)
    {
        await _gate.WaitAsync(cancellation);
        try
        {
            foreach (var other in Machines.All().Select(known => known.Item.Record))
            {
                Demand(other.Name != record.Name, Errno.EEXIST, $"There is a machine {record.Name} already, {other.Id}.");
                Demand(other.Bmc != record.Bmc, Errno.EEXIST, $"{record.Bmc} is the BMC of {other.Name}.");
                Demand(!other.Macs.Intersect(record.Macs).Any(), Errno.EEXIST, $"{other.Name} has a card with that hardware address.");
            }

            await StoreAsync(record, cancellation);
            var machine = new MetalMachine(record);
            Machines.Add(record.Number, machine, record.Name);
            return machine;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Forgets a machine. EBUSY while a node is made of it.</summary>
    public async ValueTask RemoveAsync(MetalMachine machine, CancellationToken cancellation)
    {
        await _gate.WaitAsync(cancellation);
        try
        {
            Demand(machine.Record.Node is null, Errno.EBUSY, $"{machine.Record.Name} is the node {machine.Record.Node}; release that first.");
            await _store.CommitAsync(new CommitBatch().Delete(RecordKind, machine.Record.Id), cancellation);
            machine.Record = machine.Record with { State = MetalStates.Removed };
            Secrets.Forget(machine.Record);
            Machines.Remove(machine.Record.Number);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Takes a free machine for a node; the same one again when the node has one. EBUSY when none that fits is free.</summary>
    public async ValueTask<MetalMachine> ClaimAsync(string node, Func<MetalRecord, bool> fits, CancellationToken cancellation)
    {
        await _gate.WaitAsync(cancellation);
        try
        {
            var all = Machines.All().Select(known => known.Item).ToList();
            var chosen = all.FirstOrDefault(machine => machine.Record.Node == node)
                ?? all.FirstOrDefault(machine => machine.Record.State == MetalStates.Free && fits(machine.Record))
                ?? throw new FileException(Errno.EBUSY, Refusal(all.Select(machine => machine.Record).ToList(), fits));
            await ChangeCoreAsync(chosen, chosen.Record with { State = MetalStates.Busy, Node = node }, cancellation);
            return chosen;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Gives a node's machine back. Nothing happens when it has none.</summary>
    public async ValueTask FreeAsync(string node, CancellationToken cancellation)
    {
        if (Of(node) is { } machine)
        {
            await ChangeAsync(machine, record => record with { State = MetalStates.Free, Node = null, Cause = null }, cancellation);
        }
    }

    /// <summary>The machine that a node is made of.</summary>
    public MetalMachine? Of(string node) => Machines.All().Select(known => known.Item).FirstOrDefault(machine => machine.Record.Node == node);

    /// <summary>Changes a record; durable when this returns.</summary>
    public async ValueTask ChangeAsync(MetalMachine machine, Func<MetalRecord, MetalRecord> change, CancellationToken cancellation)
    {
        await _gate.WaitAsync(cancellation);
        try
        {
            await ChangeCoreAsync(machine, change(machine.Record), cancellation);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Asks a machine's controller who it is. A machine that was enrolled or broken is free afterwards, or broken with the cause.</summary>
    public async ValueTask InspectAsync(MetalMachine machine, CancellationToken cancellation)
    {
        try
        {
            var (identity, power) = await WithControllerAsync(
                machine, async (bmc, token) => (await bmc.IdentifyAsync(token), await bmc.PowerAsync(token)), cancellation);
            machine.Power = power;
            await ChangeAsync(
                machine,
                record => record with
                {
                    State = record.Node is null ? MetalStates.Free : record.State, Cause = null,
                    Maker = identity.Manufacturer, Model = identity.Model, Serial = identity.Serial, Uuid = identity.Uuid,
                    Cpus = record.Cpus ?? identity.Cpus, MemoryBytes = record.MemoryBytes ?? identity.MemoryBytes,
                },
                cancellation);
        }
        catch (FileException failure)
        {
            await ChangeAsync(
                machine,
                record => record.Node is null ? record with { State = MetalStates.Broken, Cause = failure.Message } : record,
                cancellation);
            throw;
        }
    }

    /// <summary>Does something with a machine's controller, its failure as a file's.</summary>
    public async ValueTask<T> WithControllerAsync<T>(
        MetalMachine machine, Func<IBmc, CancellationToken, ValueTask<T>> act, CancellationToken cancellation)
    {
        var address = BmcAddress.TryParse(machine.Record.Bmc, out var wrong) ?? throw new FileException(Errno.EINVAL, wrong);
        await using var bmc = BmcConnector.Open(address, Secrets.For(machine.Record), _time, Limits.Controller);
        try
        {
            return await act(bmc, cancellation);
        }
        catch (BmcException failure)
        {
            throw MetalFailure.From(failure);
        }
    }

    /// <summary>Sees to it that a machine is on or off: tells it, and looks until it is so. EIO when it does not become so.</summary>
    public async ValueTask PowerAsync(MetalMachine machine, PowerState wanted, CancellationToken cancellation)
    {
        var began = _time.GetTimestamp();
        await WithControllerAsync(
            machine,
            async (bmc, token) =>
            {
                if (await bmc.PowerAsync(token) != wanted)
                {
                    await bmc.SetPowerAsync(wanted == PowerState.On ? PowerAction.On : PowerAction.Off, token);
                }

                while (await bmc.PowerAsync(token) != wanted)
                {
                    Demand(
                        _time.GetElapsedTime(began) < Limits.PowerChange, Errno.EIO,
                        $"The BMC of {machine.Record.Name} said yes to power {wanted.ToString().ToLowerInvariant()}, and after "
                            + $"{Limits.PowerChange.TotalSeconds:0} s the machine is not.");
                    await Task.Delay(Limits.PowerPoll, _time, token);
                }

                return true;
            },
            cancellation);
        machine.Power = wanted;
        Machines.Changed(machine.Record.Number);
    }

    public ValueTask DisposeAsync()
    {
        _gate.Dispose();
        return Machines.DisposeAsync();
    }

    private static void Demand(bool condition, Errno errno, string sentence)
    {
        if (!condition)
        {
            throw new FileException(errno, sentence);
        }
    }

    private static string Refusal(List<MetalRecord> all, Func<MetalRecord, bool> fits) => all.Count == 0
        ? "There is no physical machine; an administrator adds one by 'pewter node add'."
        : !all.Any(fits) ? $"None of the {all.Count} physical machines is what was asked for."
        : "All physical machines that fit are in use or broken: "
            + $"{string.Join(", ", all.Where(fits).Take(4).Select(each => $"{each.Name} is {each.State}"))}.";

    private async ValueTask ChangeCoreAsync(MetalMachine machine, MetalRecord record, CancellationToken cancellation)
    {
        await StoreAsync(record, cancellation);
        machine.Record = record;
        Machines.Changed(record.Number);
    }

    private async ValueTask StoreAsync(MetalRecord record, CancellationToken cancellation) => await _store.CommitAsync(
        new CommitBatch().Put(RecordKind, record.Id, JsonSerializer.SerializeToUtf8Bytes(record, MetalRecordJson.Default.MetalRecord)), cancellation);
}
