using Pewter.NineP;
using Pewter.Tree;

namespace Pewter.Doors.Tests;

/// <summary>A node with a power switch, as the tree shows one.</summary>
public sealed class Machine(NewObject made)
{
    public NewObject Made => made;

    public string Power { get; private set; } = "off";

    public string BootDevice { get; private set; } = "kernel";

    public bool IsBootOnce { get; private set; }

    public static Collection<Machine> Collection() => new(
        new ObjectKind<Machine>
        {
            Prefix = "n",
            Fields = new Fields<Machine>()
                .Text("kind", _ => "vm").Text("power", machine => machine.Power).Text("bootdev", machine => machine.BootDevice)
                .Flag("bootonce", machine => machine.IsBootOnce).Number("cpus", _ => 2).Size("mem", _ => 1L << 30),
            States = new(_ => "ready", ["ready", "released"], ["released"]),
            Owner = machine => machine.Made.Owner,
            Commands = new CommandSet<Machine>()
                .Add("power <what:on|off|cycle> [grace=duration]", "The switch.", (machine, call) => machine.Power = Next(call.Word("what")))
                .Add("bootdev <device:disk|net|kernel> [once]", "The device.", (machine, call) => machine.Boot(call)),
            Create = (wish, _) => new(new Machine(wish)),
        },
        TimeProvider.System,
        new CommandSet<Collection<Machine>>());

    private static string Next(string what) => what switch
    {
        "cycle" => "on",
        "on" or "off" => what,
        _ => throw new FileException(Errno.EINVAL, $"No power '{what}'."),
    };

    private void Boot(CommandCall call) => (BootDevice, IsBootOnce) = (call.Word("device"), call.Word("once", null) == "once");
}
