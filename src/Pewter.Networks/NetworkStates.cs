using Pewter.Tree;

namespace Pewter.Networks;

/// <summary>The states of a network.</summary>
/// <remarks>
/// <code>
/// making ──► ready ◄──► broken        (broken: what was applied is gone and could not be applied again; it is tried for ever)
///   │          │          │
///   └──────────┴──────────┴──► removing ──► removed
/// </code>
/// </remarks>
internal static class NetworkStates
{
    public const string Making = "making";
    public const string Ready = "ready";
    public const string Broken = "broken";
    public const string Removing = "removing";
    public const string Removed = "removed";

    public static StateModel<Network> Model { get; } = new(
        network => network.Record.State,
        [Making, Ready, Broken, Removing, Removed],
        [Removed],
        (line, network) => line.Pair("cause", network.Record.Cause));
}
