namespace Pewter.Networks.Ports;

/// <summary>What a port is made of.</summary>
internal static class PortKinds
{
    /// <summary>For a program such as QEMU.</summary>
    public const string Tap = "tap";

    /// <summary>A cable, whose free end goes into the namespace of a cell.</summary>
    public const string Veth = "veth";

    /// <summary>The card of a machine that is plugged in elsewhere: nothing is made here but its place.</summary>
    public const string Wire = "wire";
}
