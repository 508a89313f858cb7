namespace Pewter.Tree;

/// <summary>What a caller wants to do with a file; the values are the three permission bits of one class.</summary>
[Flags]
public enum AccessRights
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Walk through a directory.</summary>
    Execute = 1,

    /// <summary>Change the content.</summary>
    Write = 2,

    /// <summary>Read the content; list a directory.</summary>
    Read = 4,
}
