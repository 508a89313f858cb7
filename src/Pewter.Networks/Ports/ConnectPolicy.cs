using System.Globalization;
using Pewter.NineP;
using Pewter.Networks.Addresses;

namespace Pewter.Networks.Ports;

/// <summary>Decides what a port is to be after a connection. Pure: it only looks at what it is given.</summary>
internal static class ConnectPolicy
{
    /// <summary>The port as it is to be.</summary>
    /// <param name="network">The network.</param>
    /// <param name="was">The port as it is; null: there is none.</param>
    /// <param name="request">The wish.</param>
    /// <param name="taken">Addresses of the network that are taken.</param>
    /// <param name="mac">Gives the hardware address of a number.</param>
    /// <param name="number">The number of a new port.</param>
    /// <exception cref="FileException">EEXIST, EINVAL, ENOSPC, EADDRINUSE: it cannot be.</exception>
    public static PortRecord Decide(
        NetworkRecord network, PortRecord? was, ConnectRequest request, IReadOnlySet<uint> taken, Func<long, string> mac, long number)
    {
        DemandLegal(network, request.Channel);
        if (was is null)
        {
            var address = Subnet.Address(NetworkPlan.AddressFor(network, request.Address, taken)).ToString();
            return new PortRecord
            {
                Number = number,
                Node = request.Node,
                Card = request.Card,
                Kind = request.Kind,
                Mac = request.Mac ?? mac(number),
                Queues = request.Queues,
                Switch = network.Switch,
                Channels = [new PortChannel(network.Number, request.Channel, address, request.Name)],
            };
        }

        DemandSame(was, request);
        if (was.In(network.Number) is { } present)
        {
            // The same again is no error: who was interrupted simply asks again.
            return present.Channel == request.Channel
                && (request.Address is null || request.Address == present.Address) ? was : throw new FileException(
                Errno.EEXIST, $"{was.Key} is on {network.Label} already, by {present.Channel} as {present.Address}; disconnect it first.");
        }

        return Extend(network, was, request, taken);
    }

    private static PortRecord Extend(NetworkRecord network, PortRecord was, ConnectRequest request, IReadOnlySet<uint> taken)
    {
        if (network.Switch is null || was.Switch != network.Switch)
        {
            throw new FileException(
                Errno.EEXIST, $"{was.Key} is connected to another network; disconnect it first, or use networks of one switch by channels.");
        }

        if (was.Channels.FirstOrDefault(channel => channel.Channel == request.Channel) is { } other)
        {
            throw new FileException(
                Errno.EEXIST,
                string.Create(CultureInfo.InvariantCulture,
                    $"the channel {request.Channel} of {was.Key} is in use by {Network.Prefix}{other.Network}; choose another."));
        }

        var address = Subnet.Address(NetworkPlan.AddressFor(network, request.Address, taken)).ToString();
        return was with { Channels = [.. was.Channels, new PortChannel(network.Number, request.Channel, address, request.Name)] };
    }

    private static void DemandLegal(NetworkRecord network, string channel)
    {
        if (channel == PortChannel.Native)
        {
            return;
        }

        var own = network.Vlan is { } vlan ? string.Create(CultureInfo.InvariantCulture, $"vlan/{vlan}") : null;
        if (network.IsTunnel || own != channel)
        {
            throw new FileException(
                Errno.EINVAL,
                $"'{channel}' is no channel of {network.Label}, only {PortChannel.Native}{(own is null || network.IsTunnel ? "" : " and " + own)}"
                + (own is null ? "; tagged channels need a network of a switch." : "."));
        }
    }

    private static void DemandSame(PortRecord was, ConnectRequest request)
    {
        if ((request.Mac is not null && request.Mac != was.Mac) || request.Kind != was.Kind || request.Queues != was.Queues)
        {
            throw new FileException(
                Errno.EEXIST,
                string.Create(CultureInfo.InvariantCulture,
                    $"{was.Key} is connected as a {was.Kind} of {was.Queues} queues with the address {was.Mac}; disconnect it first."));
        }
    }
}
