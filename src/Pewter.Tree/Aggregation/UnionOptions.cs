namespace Pewter.Tree;

/// <summary>How long a union waits for its members.</summary>
public sealed record UnionOptions
{
    /// <summary>For reads and walks. 2 s: what a person still takes for an answer, and more than any healthy link needs.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>For commands, which may really take time.</summary>
    public TimeSpan CommandDeadline { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long to wait before the events of a lost member are tried again.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long to wait for a member's answer to a read or a walk.</summary>
    internal TimeSpan DeadlineOf(UnionMember member) => member.Deadline ?? Deadline;

    /// <summary>The same for a command: a member that has longer for reads has as much longer for commands.</summary>
    internal TimeSpan CommandDeadlineOf(UnionMember member) => CommandDeadline + (DeadlineOf(member) - Deadline);
}
