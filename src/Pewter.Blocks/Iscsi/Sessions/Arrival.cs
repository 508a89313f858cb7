namespace Pewter.Blocks.Iscsi.Sessions;

/// <summary>Where a command's number puts it.</summary>
internal enum Arrival
{
    /// <summary>It is the next one.</summary>
    Next,

    /// <summary>One before it has not come yet, on another connection.</summary>
    Early,

    /// <summary>Old, or beyond the window: to be ignored in silence.</summary>
    Outside,
}
