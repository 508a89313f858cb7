namespace Pewter.Blocks.Nbd;

/// <summary>How many connections a server has at the moment, beside the machine's processors.</summary>
internal enum NbdCompany
{
    /// <summary>At most half as many: a thread may look for its client's next request for some microseconds before it sleeps.</summary>
    Few,

    /// <summary>At most as many: a thread for each.</summary>
    Some,

    /// <summary>More: they share the threads of a crew.</summary>
    Crowd,
}
