using Pewter.NineP.Serving;

namespace Pewter.Testing.Conformance;

/// <summary>How a subtree is checked.</summary>
public sealed record TreeConformanceOptions
{
    /// <summary>Who walks: somebody who may see everything.</summary>
    public Caller Caller { get; init; } = Caller.System;

    /// <summary>Entries visited in each directory, after the first files of a collection.</summary>
    public int EntriesPerDirectory { get; init; } = 24;

    /// <summary>How deep to go.</summary>
    public int Depth { get; init; } = 7;

    /// <summary>Paths that are left alone, for instance because a read of them has an effect.</summary>
    public Func<string, bool> Skip { get; init; } = _ => false;

    /// <summary>Whether <c>clone</c> may be opened, which makes an object.</summary>
    public bool OpensClone { get; init; } = true;

    /// <summary>How long a cancelled read may take to end.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(5);
}
