namespace Pewter.Mail;

/// <summary>A process as a hub knows it: its own, or another node's behind a trunk.</summary>
internal sealed record HubOffice(PortAddress Address, string Tenant, HubPeer Way, int Process)
{
    internal bool IsLocal => Way is HubPort;
}
