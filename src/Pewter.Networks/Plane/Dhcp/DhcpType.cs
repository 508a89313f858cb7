namespace Pewter.Networks.Plane.Dhcp;

/// <summary>Values of <see cref="DhcpOption.MessageType"/> (RFC 2132, 9.6).</summary>
internal enum DhcpType : byte
{
    None = 0,
    Discover = 1,
    Offer = 2,
    Request = 3,
    Decline = 4,
    Acknowledge = 5,
    Refuse = 6,
    Release = 7,
    Inform = 8,
}
