using System.Collections.Immutable;

namespace Pewter.Mail;

/// <summary>
/// A process as a hub knows it: its own, or another node's, with the ways there, the shortest first. Immutable.
/// </summary>
/// <param name="Address">Its address.</param>
/// <param name="Tenant">Its name space.</param>
/// <param name="Process">Its number, when it is of this node.</param>
/// <param name="Owner">The node of the hub that speaks for it: a direct connection goes there.</param>
/// <param name="Ways">The ways; never empty.</param>
internal sealed record HubOffice(PortAddress Address, string Tenant, int Process, ulong Owner, ImmutableArray<HubPeer> Ways)
{
    internal HubPeer Way => Ways[0];

    internal bool IsLocal => Way is HubPort;

    /// <summary>Whether this hub is the one that speaks for it: a process of the node, or of a node that hangs on it.</summary>
    internal bool IsOwn => Way is HubPort or HubTrunk { Kind: TrunkKind.Node };

    /// <summary>Whether the tree knows it by this hub's word too, and not only a direct connection.</summary>
    internal bool IsOfTree => Ways.Any(way => way is not HubTrunk { Kind: TrunkKind.Direct });

    /// <summary>How far it is for a process of this node.</summary>
    internal MailTransport Distance => Way switch
    {
        HubPort or HubTrunk { Kind: TrunkKind.Node } => MailTransport.SameHost,
        HubTrunk { Kind: TrunkKind.Direct } => MailTransport.SameSegment,
        _ => MailTransport.Relayed,
    };

    internal HubOffice With(HubPeer way) => this with { Ways = [.. Ways.Add(way).OrderBy(Rank)] };

    internal HubOffice Without(HubPeer way) => this with { Ways = Ways.Remove(way) };

    private static int Rank(HubPeer way) => way switch
    {
        HubTrunk { Kind: TrunkKind.Direct } => 1,
        HubTrunk { Kind: TrunkKind.Tree } => 2,
        _ => 0,
    };
}
