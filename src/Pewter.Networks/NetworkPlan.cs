using System.Globalization;
using Pewter.NineP;
using Pewter.Networks.Addresses;
using Pewter.Networks.Segments;
using Pewter.Tree;

namespace Pewter.Networks;

/// <summary>Makes a record of a wish: which addresses, gateway and names. Pure: it only looks at what it is given.</summary>
internal static class NetworkPlan
{
    /// <summary>Where networks without a wish get theirs: 64 times 256 ranges of 254 hosts.</summary>
    private static readonly Subnet Automatic = new(0x0A40_0000, 10);

    /// <summary>The record.</summary>
    /// <exception cref="FileException">EEXIST: the range overlaps another's. ENOSPC: there is no range, or no VLAN, left.</exception>
    public static NetworkRecord Make(
        NetworkRequest request, NewObject wish, IReadOnlyCollection<NetworkRecord> existing, SegmentPlace place, DateTimeOffset now)
    {
        var subnet = request.Cidr is { } cidr && Subnet.TryParse(cidr, out var asked) ? asked : Free(existing);
        if (existing.FirstOrDefault(other => other.Owner.Group == wish.Owner.Group && other.Subnet.Overlaps(subnet)) is { } taken)
        {
            throw new FileException(Errno.EEXIST, $"{subnet} overlaps {taken.Label} ({taken.Cidr}); choose another range, or leave cidr out.");
        }

        var range = new AddressRange(subnet.First + 1, subnet.LastMember);
        if (request.Range is { } text && AddressRange.TryParse(text, out range))
        {
            NetworkRequest.Demand(range.First >= subnet.First && range.Last <= subnet.Last, $"range {text} is not inside of {subnet}");
        }

        var gateway = request.Range is null ? subnet.First : range.First;
        if (request.Gateway is { } own)
        {
            NetworkRequest.Demand(
                Subnet.TryParseAddress(own, out gateway) && gateway >= subnet.First && gateway <= subnet.Last,
                    $"gateway is an address inside of {subnet}, not '{own}'");
        }

        return new NetworkRecord
        {
            Number = wish.Number,
            Owner = wish.Owner,
            Created = now,
            LeaseEnd = now + request.Lease,
            Name = request.Name,
            Cidr = subnet.ToString(),
            Gateway = Subnet.Address(gateway).ToString(),
            Range = range.ToString(),
            Prefix6 = place.Prefix6(wish.Number),
            Domain = (request.Domain ?? $"{request.Name ?? wish.Id}.pewter").ToLowerInvariant(),
            Switch = request.Switch,
            Vlan = request.Vlan,
            IsTunnel = request.IsTunnel,
            Vni = request.Vni,
            Local = request.Local,
            Remotes = request.Remotes,
            Forward = request.Forward,
            IsPersistent = request.IsPersistent,
        };
    }

    /// <summary>The address for a new member: the one asked for, or the first that is free.</summary>
    public static uint AddressFor(NetworkRecord network, string? asked, IReadOnlySet<uint> taken)
    {
        var subnet = network.Subnet;
        if (asked is not null)
        {
            if (!Subnet.TryParseAddress(asked, out var address) || address < subnet.First || address > subnet.Last)
            {
                throw new FileException(Errno.EINVAL, $"'{asked}' is no address of {network.Label} ({network.Cidr}).");
            }

            return taken.Contains(address) ? throw new FileException(Errno.EADDRINUSE, $"{asked} is taken on {network.Label}.") : address;
        }

        var range = AddressRange.Parse(network.Range);
        return range.FirstFree(taken) ?? throw new FileException(
            Errno.ENOSPC,
            string.Create(CultureInfo.InvariantCulture,
                $"{network.Label} has no free address: all of {range} are taken. Disconnect something, or make a larger network."));
    }

    private static Subnet Free(IReadOnlyCollection<NetworkRecord> existing)
    {
        const uint Step = 256;
        for (var first = Automatic.Base; Automatic.Contains(first); first += Step)
        {
            var subnet = new Subnet(first, 24);
            if (!existing.Any(other => other.Subnet.Overlaps(subnet)))
            {
                return subnet;
            }
        }

        throw new FileException(Errno.ENOSPC, $"No range of {Automatic} is free; name one with cidr=, or remove a network.");
    }
}
