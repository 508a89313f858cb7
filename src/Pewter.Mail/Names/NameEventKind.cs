namespace Pewter.Mail;

/// <summary>What has happened to a name.</summary>
public enum NameEventKind
{
    /// <summary>It is there: somebody is bound to it.</summary>
    Up,

    /// <summary>It is gone.</summary>
    Down,

    /// <summary>The time of the subscription is over, and so is the subscription.</summary>
    Timeout,
}
