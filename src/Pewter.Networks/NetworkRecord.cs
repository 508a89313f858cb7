using Pewter.Networks.Addresses;
using Pewter.Tree;

namespace Pewter.Networks;

/// <summary>All that must not be forgotten about a network. Immutable; a change is a new one.</summary>
internal sealed record NetworkRecord
{
    public required long Number { get; init; }

    public required Owner Owner { get; init; }

    public required DateTimeOffset Created { get; init; }

    /// <summary>Its addresses, such as <c>10.42.0.0/24</c>.</summary>
    public required string Cidr { get; init; }

    /// <summary>The segment's own address: gateway, names, boot files.</summary>
    public required string Gateway { get; init; }

    /// <summary>The addresses for members.</summary>
    public required string Range { get; init; }

    /// <summary>The prefix of 64 bits that routers announce.</summary>
    public required string Prefix6 { get; init; }

    /// <summary>The name under which its members are found.</summary>
    public required string Domain { get; init; }

    public string? Name { get; init; }

    public string State { get; init; } = NetworkStates.Making;

    public string? Cause { get; init; }

    public bool IsPersistent { get; init; } = true;

    /// <summary>When it is taken away, with whatever is connected to it, unless the lease is renewed; null: never.</summary>
    public DateTimeOffset? LeaseEnd { get; init; }

    /// <summary>Whether one port of its switch reaches it by its VLAN; null: it is a bridge of its own.</summary>
    public string? Switch { get; init; }

    /// <summary>Its VLAN on the switch.</summary>
    public int? Vlan { get; init; }

    /// <summary>Whether what its members tag is carried inside of its VLAN (802.1ad).</summary>
    public bool IsTunnel { get; init; }

    /// <summary>Its identifier among machines; null: it is on this machine only.</summary>
    public int? Vni { get; init; }

    /// <summary>The address of this machine that tunnels begin at.</summary>
    public string? Local { get; init; }

    /// <summary>The machines that the segment reaches.</summary>
    public IReadOnlyList<string> Remotes { get; init; } = [];

    /// <summary>Projects whose nodes may be connected besides the owner's.</summary>
    public IReadOnlyList<string> Access { get; init; } = [];

    /// <summary>Where questions about other names go; none: they are refused.</summary>
    public IReadOnlyList<string> Forward { get; init; } = [];

    /// <summary>What machines boot, by hardware address.</summary>
    public IReadOnlyDictionary<string, string> Boot { get; init; } = new Dictionary<string, string>();

    /// <summary>Directories of files that a machine alone is told, by its hardware address.</summary>
    public IReadOnlyDictionary<string, string> Seeds { get; init; } = new Dictionary<string, string>();

    [System.Text.Json.Serialization.JsonIgnore]
    public string Id => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Network.Prefix}{Number}");

    [System.Text.Json.Serialization.JsonIgnore]
    public string Label => Name ?? Id;

    /// <summary>Bytes of a packet: a tunnel's headers take 50 of the usual 1500 (RFC 7348).</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public int Mtu => Vni is null ? 1500 : 1450;

    [System.Text.Json.Serialization.JsonIgnore]
    public Subnet Subnet => Subnet.TryParse(Cidr, out var subnet) ? subnet : throw new InvalidOperationException($"{Id} has the range {Cidr}.");
}
