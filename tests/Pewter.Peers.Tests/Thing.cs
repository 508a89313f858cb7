using Pewter.Tree;

namespace Pewter.Peers.Tests;

/// <summary>An object of the sample collection: it belongs to somebody and has a colour.</summary>
internal sealed class Thing(NewObject made, string color)
{
    public NewObject Made => made;

    public string Color { get; set; } = color;
}
