using System.Net.NetworkInformation;

namespace Pewter.Linux.Networking;

/// <summary>What the kernel says of an interface.</summary>
/// <param name="Index">Its number in its namespace.</param>
/// <param name="IsUp">Whether it was brought up.</param>
/// <param name="Master">The number of the bridge that it is a port of; 0: none.</param>
/// <param name="Hardware">Its hardware address.</param>
public sealed record LinkInfo(int Index, bool IsUp, int Master, PhysicalAddress Hardware);
