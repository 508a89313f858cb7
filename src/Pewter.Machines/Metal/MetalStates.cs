using Pewter.Tree;

namespace Pewter.Machines.Metal;

/// <summary>The states of a physical machine in the inventory.</summary>
/// <remarks>
/// <code>
/// enrolled ──inspect──► free ◄──allocate, release──► busy
///     │                  ▲ │
///     └─────inspect────► broken
/// </code>
/// </remarks>
internal static class MetalStates
{
    /// <summary>Known, but its controller was never spoken to.</summary>
    public const string Enrolled = "enrolled";

    /// <summary>Nobody has it.</summary>
    public const string Free = "free";

    /// <summary>A node is made of it.</summary>
    public const string Busy = "busy";

    /// <summary>Its controller failed an inspection; nobody gets it until one succeeds.</summary>
    public const string Broken = "broken";

    /// <summary>Removed from the inventory.</summary>
    public const string Removed = "removed";

    public static StateModel<MetalMachine> Model { get; } = new(
        machine => machine.Record.State,
        [Enrolled, Free, Busy, Broken, Removed],
        [Removed],
        (line, machine) => line.Pair("cause", machine.Record.Cause));
}
