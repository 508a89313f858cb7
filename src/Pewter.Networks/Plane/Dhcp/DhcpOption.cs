namespace Pewter.Networks.Plane.Dhcp;

/// <summary>Codes of options (RFC 2132, 4578, 3397, and iPXE's own).</summary>
internal enum DhcpOption : byte
{
    SubnetMask = 1,
    Router = 3,
    NameServer = 6,
    HostName = 12,
    DomainName = 15,
    InterfaceMtu = 26,
    Broadcast = 28,
    RequestedAddress = 50,
    LeaseTime = 51,
    Overload = 52,
    MessageType = 53,
    ServerIdentifier = 54,
    Message = 56,
    RenewalTime = 58,
    RebindingTime = 59,
    VendorClass = 60,
    TftpServer = 66,
    BootFile = 67,
    UserClass = 77,
    ClientArchitecture = 93,
    DomainSearch = 119,
    Ipxe = 175,
}
