namespace Pewter.Node.Processes;

/// <summary>Why a process is over.</summary>
public enum ExitCause
{
    /// <summary>It exited by itself.</summary>
    Exit,

    /// <summary>A signal killed it.</summary>
    Signal,

    /// <summary>The kernel killed it for exceeding its memory limit.</summary>
    OutOfMemory,

    /// <summary>It was killed because a limit, a lease or an operator's rule said so.</summary>
    Policy,

    /// <summary>It ended, or was stopped, while no agent watched; how is not known.</summary>
    Lost,
}
