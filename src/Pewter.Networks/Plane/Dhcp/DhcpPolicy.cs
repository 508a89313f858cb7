using Pewter.Networks.Addresses;

namespace Pewter.Networks.Plane.Dhcp;

/// <summary>
/// What a server answers (RFC 2131, 4.3): members have their addresses, others get leases, and machines that boot are
/// told from where. Acts on nothing but
/// its book of leases.
/// </summary>
internal static class DhcpPolicy
{
    /// <summary>The answer; null: none.</summary>
    public static DhcpMessage? Answer(SegmentPlan plan, LeaseBook book, DhcpMessage request, DateTimeOffset now)
    {
        if (request.Operation != 1 || (request.Number(DhcpOption.ServerIdentifier) is { } server && server != Own(plan)))
        {
            return null;
        }

        switch (request.Type)
        {
            case DhcpType.Discover:
                return Offer(plan, book, request, now);
            case DhcpType.Request:
                return Acknowledge(plan, book, request, now);
            case DhcpType.Release:
                book.Release(request.Mac);
                return null;
            case DhcpType.Decline when request.Number(DhcpOption.RequestedAddress) is { } declined && Member(plan, request.Mac) is null:
                book.Decline(declined, request.Mac, now);
                return null;
            case DhcpType.Inform:
                return Compose(plan, request, DhcpType.Acknowledge, 0);
            default:
                return null;
        }
    }

    /// <summary>The member with a hardware address.</summary>
    public static SegmentHost? Member(SegmentPlan plan, string mac) => plan.Hosts.FirstOrDefault(host => host.Mac == mac);

    private static DhcpMessage? Offer(SegmentPlan plan, LeaseBook book, DhcpMessage request, DateTimeOffset now)
    {
        if (Member(plan, request.Mac) is { } member)
        {
            return Compose(plan, request, DhcpType.Offer, Subnet.ParseAddress(member.Address));
        }

        if (plan.Guests is null
            || book.Find(request.Mac, request.Number(DhcpOption.RequestedAddress), AddressRange.Parse(plan.Guests), Reserved(plan),
                now) is not { } address)
        {
            return null;
        }

        book.Hold(address, request.Mac, now);
        return Compose(plan, request, DhcpType.Offer, address);
    }

    private static DhcpMessage? Acknowledge(SegmentPlan plan, LeaseBook book, DhcpMessage request, DateTimeOffset now)
    {
        // Selecting and rebooting name the address in an option, renewing and rebinding have it (RFC 2131, 4.3.2).
        var asked = request.Number(DhcpOption.RequestedAddress) ?? request.ClientAddress;
        if (Member(plan, request.Mac) is { } member)
        {
            var own = Subnet.ParseAddress(member.Address);
            return asked == own ? Compose(plan, request, DhcpType.Acknowledge, own) : Refuse(plan, request);
        }

        if (plan.Guests is null)
        {
            return plan.Hosts.Any(host => host.Address == DhcpMessage.AddressText(asked)) ? Refuse(plan, request) : null;
        }

        if (book.Find(request.Mac, asked, AddressRange.Parse(plan.Guests), Reserved(plan), now) is not { } free || free != asked)
        {
            return Refuse(plan, request);
        }

        book.Give(request.Mac, asked, request.Text(DhcpOption.HostName), now + TimeSpan.FromSeconds(plan.LeaseSeconds));
        return Compose(plan, request, DhcpType.Acknowledge, asked);
    }

    private static DhcpMessage Refuse(SegmentPlan plan, DhcpMessage request) => new DhcpMessage
    {
        Operation = 2, Transaction = request.Transaction, Flags = 0x8000, Relay = request.Relay, Hardware = request.Hardware,
    }
        .Set(DhcpOption.MessageType, (byte)DhcpType.Refuse)
        .Set(DhcpOption.ServerIdentifier, Own(plan))
        .Set(DhcpOption.Message, "this address is not yours here");

    private static DhcpMessage Compose(SegmentPlan plan, DhcpMessage request, DhcpType type, uint address)
    {
        var subnet = Subnet.TryParse(plan.Cidr, out var parsed) ? parsed : default;
        var boot = BootChoice.For(plan, request);
        var reply = new DhcpMessage
        {
            Operation = 2,
            Transaction = request.Transaction,
            Flags = request.Flags,
            ClientAddress = request.Type == DhcpType.Inform ? request.ClientAddress : 0,
            YourAddress = address,
            NextServer = boot is null ? 0 : Own(plan),
            Relay = request.Relay,
            Hardware = request.Hardware,
            File = boot is { File.Length: < 128 } ? boot.File : "",
        };
        reply.Set(DhcpOption.MessageType, (byte)type).Set(DhcpOption.ServerIdentifier, Own(plan));
        if (address != 0)
        {
            var seconds = (uint)plan.LeaseSeconds;
            reply.Set(DhcpOption.LeaseTime, seconds).Set(DhcpOption.RenewalTime, seconds / 2).Set(DhcpOption.RebindingTime, seconds / 8 * 7);
        }

        reply.Set(DhcpOption.SubnetMask, subnet.Mask)
            .Set(DhcpOption.Broadcast, subnet.Last + 1)
            .Set(DhcpOption.Router, Own(plan))
            .Set(DhcpOption.NameServer, Own(plan))
            .Set(DhcpOption.DomainName, plan.Domain)
            .Set(DhcpOption.InterfaceMtu, (byte)(plan.Mtu >> 8), (byte)plan.Mtu);
        if (Member(plan, request.Mac) is { Names: [.., var name] })
        {
            reply.Set(DhcpOption.HostName, name);
        }

        boot?.Write(reply, plan);
        return reply;
    }

    private static uint Own(SegmentPlan plan) => Subnet.ParseAddress(plan.Gateway);

    private static HashSet<uint> Reserved(SegmentPlan plan) => [.. plan.Hosts.Select(host => Subnet.ParseAddress(host.Address)), Own(plan)];
}
