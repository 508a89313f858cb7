namespace Pewter.Mail;

/// <summary>How a message is sent. The default is reliable and of low importance.</summary>
public readonly record struct SendOptions
{
    /// <summary>How much a full mailbox still takes of it.</summary>
    public Importance Importance { get; init; }

    /// <summary>
    /// It may be dropped where there is no room or no way; drops are counted, and nothing comes back.
    /// </summary>
    public bool IsUnreliable { get; init; }

    /// <summary>
    /// Of several owners of a name one in the same process is taken, else one of the same node, else any in turn;
    /// false: all in turn.
    /// </summary>
    public bool PrefersNear { get; init; }
}
