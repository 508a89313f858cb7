using Pewter.Tree;

namespace Pewter.Machines.Metal;

/// <summary>What the tree shows of physical machines: free ones to everybody, their controllers to administrators.</summary>
internal static class MetalDeclaration
{
    public static ObjectKind<MetalMachine> For(MetalInventory inventory) => new()
    {
        Prefix = MetalRecord.Prefix,
        Mode = UnixMode.Octal(755),
        States = MetalStates.Model,
        Commands = MetalCommands.OfMachine(inventory),
        Fields = new Fields<MetalMachine>()
            .Text("bmc", machine => machine.Record.Bmc)
            .Tags("mac", machine => machine.Record.Macs)
            .Text("power", machine => machine.Power?.ToString().ToLowerInvariant())
            .Text("node", machine => machine.Record.Node)
            .Number("cpus", machine => machine.Record.Cpus)
            .Size("mem", machine => machine.Record.MemoryBytes)
            .Text("maker", machine => machine.Record.Maker)
            .Text("model", machine => machine.Record.Model)
            .Text("serial", machine => machine.Record.Serial)
            .Text("uuid", machine => machine.Record.Uuid)
            .Text("cause", machine => machine.Record.Cause),
        Files = (directory, machine) => directory.Add("secret", new SettingFile(
            () => "",
            (text, _, _) =>
            {
                inventory.Secrets.Keep(machine.Record, text);
                return ValueTask.CompletedTask;
            })
        { Mode = UnixMode.Octal(200) }),
    };
}
