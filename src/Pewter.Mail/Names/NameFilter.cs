namespace Pewter.Mail;

/// <summary>Which events a subscription tells, as TIPC's topology server has them.</summary>
public enum NameFilter
{
    /// <summary>The first mailbox that comes to a name, and the last that goes (TIPC_SUB_SERVICE).</summary>
    Service,

    /// <summary>Each mailbox (TIPC_SUB_PORTS).</summary>
    Ports,
}
