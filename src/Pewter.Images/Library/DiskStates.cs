namespace Pewter.Images.Library;

/// <summary>The states of a disk: new → ready → released.</summary>
internal static class DiskStates
{
    /// <summary>Opened by <c>clone</c>, without content yet.</summary>
    public const string New = "new";

    /// <summary>It is served.</summary>
    public const string Ready = "ready";

    /// <summary>It is no more.</summary>
    public const string Released = "released";
}
