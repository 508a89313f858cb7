namespace Pewter.Mail;

/// <summary>
/// How messages get to another mailbox, from the nearest to the farthest: what a program may react to.
/// </summary>
public enum MailTransport
{
    /// <summary>Not known yet: nothing was sent.</summary>
    Unknown = 0,

    /// <summary>The same process.</summary>
    InProcess = 1,

    /// <summary>Memory that both processes, or both virtual machines, share.</summary>
    SharedMemory = 2,

    /// <summary>Another process of the same host, through its hub.</summary>
    SameHost = 3,

    /// <summary>Another host, by a connection of its own.</summary>
    SameSegment = 4,

    /// <summary>Another host, through the tree.</summary>
    Relayed = 5,
}
