using Pewter.NineP.Serving;

namespace Pewter.Tree;

/// <summary>A directory that a union shows the content of.</summary>
/// <param name="Label">
/// The peer's name: its objects are shown as <c>id@label</c>. Null for what is local, which is shown as it is and is where
/// <c>clone</c> makes new objects.
/// </param>
/// <param name="Prefix">What comes before the paths that it tells, for instance <c>/peer/b</c>; empty for what is local.</param>
/// <param name="Directory">The directory; a collection or a union of collections.</param>
public sealed record UnionMember(string? Label, string Prefix, ServedFile Directory)
{
    /// <summary>How long to wait for this member when it is not as long as for the others; for one with members of its own, longer.</summary>
    public TimeSpan? Deadline { get; init; }

    /// <summary>How old the last news of it is; null when nobody knows.</summary>
    public Func<TimeSpan>? Age { get; init; }

    /// <summary>Walks to one of its files and opens it.</summary>
    internal async ValueTask<TreeHandle> OpenAsync(string name, OpenFlags flags, Caller caller, CancellationToken cancellation) =>
        await new TreeClient(Directory, caller).OpenAsync(name, flags, cancellation);
}
