namespace Pewter.Tree;

/// <summary>What can be said of the last line of a write that has no newline.</summary>
internal enum LineState
{
    /// <summary>More may come: an open quote, a missing argument, the beginning of a command's name.</summary>
    Unfinished,

    /// <summary>It can be run as it is, or nothing that follows can make it a command.</summary>
    Complete,
}
