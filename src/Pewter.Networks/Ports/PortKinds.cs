namespace Pewter.Networks.Ports;

/// <summary>What a port is made of.</summary>
internal static class PortKinds
{
    /// <summary>For a program such as QEMU.</summary>
    public const string Tap = "tap";

    /// <summary>A cable, whose free end goes into the namespace of a cell.</summary>
    public const string Veth = "veth";

    /// <summary>A machine of metal: the port is a switch's, or elsewhere; nothing is made here.</summary>
    public const string Wire = "wire";
}
