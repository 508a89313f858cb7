namespace Pewter.Sdk;

/// <summary>What is asked for when many processes are spawned at once.</summary>
public enum SpawnGuarantee
{
    /// <summary>All of them run, or none does and the call fails.</summary>
    AllOrNothing,

    /// <summary>As many as there is room for; those whose program cannot be started have ended as <see cref="ExitCause.NotStarted"/>.</summary>
    BestEffort,
}
