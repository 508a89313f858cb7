namespace Pewter.Networks.Ports;

/// <summary>One network of a port.</summary>
/// <param name="Network">The network's number.</param>
/// <param name="Channel"><c>vlan/native</c> for frames as they are, <c>vlan/N</c> for those with that tag.</param>
/// <param name="Address">The member's address there.</param>
/// <param name="Name">The node's name when it was connected.</param>
internal sealed record PortChannel(long Network, string Channel, string Address, string? Name)
{
    /// <summary>The channel without a tag.</summary>
    public const string Native = "vlan/native";
}
