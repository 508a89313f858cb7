namespace Pewter.Mail;

/// <summary>
/// How much a full mailbox still takes of a message: a low one up to the capacity, each step more twice as much, as
/// TIPC has it. It does not change the order.
/// </summary>
public enum Importance : byte
{
    /// <summary>Up to the capacity.</summary>
    Low = 0,

    /// <summary>Up to twice the capacity.</summary>
    Medium = 1,

    /// <summary>Up to four times the capacity.</summary>
    High = 2,

    /// <summary>Up to eight times the capacity.</summary>
    Critical = 3,
}
