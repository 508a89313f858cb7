using Pewter.NineP;

namespace Pewter.Tree.Tests;

/// <summary>The object of the sample service: a lamp of a room, with a brightness, that burns out one day.</summary>
internal sealed class Lamp(NewObject made)
{
    public NewObject Made => made;

    public string State { get; set; } = "off";

    public long Brightness { get; set; } = 100;

    public string? Color { get; set; }

    public List<string> Tags { get; } = [];

    public string Note { get; set; } = "";

    public int Code { get; set; }

    public bool IsBusy { get; set; }

    public void Switch(string state)
    {
        if (State == "broken")
        {
            throw new FileException(Errno.EIO, $"Lamp {made.Id} is broken; replace it.");
        }

        State = state;
    }
}
