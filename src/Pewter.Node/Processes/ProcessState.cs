namespace Pewter.Node.Processes;

/// <summary>Where a session is in its life. It only moves forward.</summary>
public enum ProcessState
{
    /// <summary>Nothing has been started yet.</summary>
    New,

    /// <summary>The process runs, or its output is being drained.</summary>
    Running,

    /// <summary>It is over and its exit record is durable.</summary>
    Ended,

    /// <summary>The session is gone.</summary>
    Wiped,
}
