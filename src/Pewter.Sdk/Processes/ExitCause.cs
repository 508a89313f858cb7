namespace Pewter.Sdk;

/// <summary>Why a process is over.</summary>
public enum ExitCause
{
    /// <summary>It exited by itself, with a code.</summary>
    Exit,

    /// <summary>A signal killed it.</summary>
    Signal,

    /// <summary>It used more memory than it may.</summary>
    OutOfMemory,

    /// <summary>A rule of the system or its owner ended it; the note says which.</summary>
    Policy,

    /// <summary>Its node is gone, or did not come back within its lease. Whether it still runs there is not known.</summary>
    NodeLost,

    /// <summary>The program could not be started on this node, though on others of the group it could.</summary>
    NotStarted,

    /// <summary>It is over, and how is not known: the node's agent was killed in the moment of its end.</summary>
    Lost,
}
