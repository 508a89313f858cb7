namespace Pewter.Mail;

/// <summary>Who sleeps on a ring.</summary>
internal enum RingBell
{
    /// <summary>A thread that waits for a message of its own; it is woken first.</summary>
    Thread = 0,

    /// <summary>The office's own thread, for those who wait otherwise.</summary>
    Pump = 1,
}
