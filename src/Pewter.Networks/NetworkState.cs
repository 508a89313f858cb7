using Pewter.Networks.Ports;
using Pewter.Networks.Switches;

namespace Pewter.Networks;

/// <summary>What a journal holds.</summary>
internal sealed record NetworkState(
    NetworkCounters Counters,
    IReadOnlyList<SwitchRecord> Switches,
    IReadOnlyList<NetworkRecord> Networks,
    IReadOnlyList<PortRecord> Ports,
    IReadOnlyList<ActionRecord> Actions);
