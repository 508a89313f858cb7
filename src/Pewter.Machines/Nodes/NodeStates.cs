using Pewter.Tree;

namespace Pewter.Machines.Nodes;

/// <summary>The states of a node.</summary>
/// <remarks>
/// <code>
/// allocating ──► ready ◄──► lost, off, suspended
///     │            │              │
///     └────────────┴──────────────┴──► releasing ──► released
///                                  ▲    │
///                                  └─ error      (what could not be undone is tried again)
/// </code>
/// </remarks>
public static class NodeStates
{
    /// <summary>Its steps are being taken.</summary>
    public const string Allocating = "allocating";

    /// <summary>Its agent can be spoken to.</summary>
    public const string Ready = "ready";

    /// <summary>Its steps are being undone.</summary>
    public const string Releasing = "releasing";

    /// <summary>Nothing of it is left. Its directory goes.</summary>
    public const string Released = "released";

    /// <summary>Its agent ended without having been asked to; what it was made of is gone.</summary>
    public const string Lost = "lost";

    /// <summary>It was turned off, and can be turned on again with its disk and its place on its networks.</summary>
    public const string Off = "off";

    /// <summary>It stands still, in memory, until it is resumed.</summary>
    public const string Suspended = "suspended";

    /// <summary>A step could not be undone; the phase and the cause say which. It is tried again.</summary>
    public const string Error = "error";

    /// <summary>Whether a node's process is to be there.</summary>
    internal static bool IsLive(string state) => state is Ready or Suspended;

    /// <summary>Whether a node can be turned on again, and is released when its lease ends.</summary>
    internal static bool IsDown(string state) => state is Lost or Off;

    internal static StateModel<Node> Model { get; } = new(
        node => node.Record.State,
        [Allocating, Ready, Releasing, Released, Lost, Off, Suspended, Error],
        [Released],
        (line, node) => line.Pair("phase", node.Record.Phase).Pair("cause", node.Record.Cause));
}
