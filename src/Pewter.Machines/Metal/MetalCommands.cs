using System.Net.NetworkInformation;
using System.Text.RegularExpressions;
using Pewter.Bmc;
using Pewter.NineP;
using Pewter.Tree;

namespace Pewter.Machines.Metal;

/// <summary>The commands of <c>/metal/ctl</c> and of a machine's own ctl; administrators give them.</summary>
internal static partial class MetalCommands
{
    public static CommandSet<Collection<MetalMachine>> OfCollection(MetalInventory inventory) => new CommandSet<Collection<MetalMachine>>().Add(
        "add <name> <bmc> [mac=word] [cable=wire|tap] [cpu=number] [mem=size]",
        "Makes a machine known by its BMC, ipmi://HOST or redfish://HOST; mac lists its cards, with commas. Then write its secret, and inspect it.",
        async (collection, call, cancellation) =>
        {
            DemandAdmin(call);
            var machine = await inventory.AddAsync(Read(call, collection.Next(call.Caller).Number), cancellation);
            return CommandResult.Each([($"/metal/{machine.Record.Id}", CommandResult.Of("id", machine.Record.Id))]);
        });

    public static CommandSet<MetalMachine> OfMachine(MetalInventory inventory) => new CommandSet<MetalMachine>()
        .Add("inspect", "Asks the BMC what the machine is; a machine that answers is free to be allocated.", (machine, call, cancellation) =>
        {
            DemandAdmin(call);
            return inventory.InspectAsync(machine, cancellation);
        })
        .Add("rm", "Forgets the machine; refused while a node is made of it.", (machine, call, cancellation) =>
        {
            DemandAdmin(call);
            return inventory.RemoveAsync(machine, cancellation);
        });

    private static MetalRecord Read(CommandCall call, long number)
    {
        var name = call.Word("name");
        if (!NameForm().IsMatch(name) || IdForm().IsMatch(name))
        {
            throw new FileException(Errno.EINVAL, $"'{name}' is no name for a machine: letters, digits, '-', '.' and '_', and not like an id.");
        }

        var address = BmcAddress.TryParse(call.Word("bmc"), out var wrong) ?? throw new FileException(Errno.EINVAL, wrong);
        return new MetalRecord
        {
            Number = number,
            Name = name,
            Bmc = address.ToString(),
            Macs = [.. (call.Word("mac", "") ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries).Select(Mac)],
            Cable = call.Word("cable", "wire")!,
            Cpus = call.Has("cpu") ? call.Number("cpu") : null,
            MemoryBytes = call.Has("mem") ? call.Size("mem") : null,
        };
    }

    private static string Mac(string text) =>
        PhysicalAddress.TryParse(text, out var address) && address.GetAddressBytes() is { Length: 6 } bytes && (bytes[0] & 1) == 0
            ? string.Join(':', bytes.Select(each => each.ToString("x2", System.Globalization.CultureInfo.InvariantCulture)))
            : throw new FileException(Errno.EINVAL, $"mac is the hardware address of a card such as 02:00:00:04:00:29, not '{text}'.");

    private static void DemandAdmin(CommandCall call)
    {
        if (!call.Caller.IsAdmin)
        {
            throw new FileException(
                Errno.EPERM, "Physical machines are an administrator's to add, inspect and remove; 'pewter node alloc --kind metal' gets one.");
        }
    }

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$")]
    private static partial Regex NameForm();

    [GeneratedRegex("^m[0-9]+$")]
    private static partial Regex IdForm();
}
