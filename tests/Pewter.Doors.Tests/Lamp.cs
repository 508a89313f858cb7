using Pewter.NineP;
using Pewter.Tree;

namespace Pewter.Doors.Tests;

/// <summary>An object of a small service, for doors to the real building blocks of the tree.</summary>
public sealed class Lamp(NewObject made)
{
    public NewObject Made => made;

    public string State { get; private set; } = "off";

    public static Collection<Lamp> Collection() => new(
        new ObjectKind<Lamp>
        {
            Prefix = "l",
            Fields = new Fields<Lamp>().Int("cores", _ => 8, indexed: true),
            States = new(lamp => lamp.State, ["off", "on", "broken"], ["broken"]),
            Owner = lamp => lamp.Made.Owner,
            Commands = new CommandSet<Lamp>()
                .Add("on", "Switches it on.", (lamp, _) => lamp.Switch("on"))
                .Add("smash", "Breaks it.", (lamp, _) => lamp.Switch("broken")),
            Create = (made, _) => new(new Lamp(made)),
        },
        TimeProvider.System,
        new CommandSet<Collection<Lamp>>());

    private void Switch(string state)
    {
        if (State == "broken")
            throw new FileException(Errno.EIO, $"Lamp {made.Id} is broken; replace it.");
        State = state;
    }
}
