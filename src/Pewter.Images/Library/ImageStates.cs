namespace Pewter.Images.Library;

/// <summary>The states of an image: new → importing → ready, or importing → interrupted → importing.</summary>
internal static class ImageStates
{
    /// <summary>Opened by <c>clone</c>; its content is being written.</summary>
    public const string New = "new";

    /// <summary>Its content is on the way.</summary>
    public const string Importing = "importing";

    /// <summary>Its content was on the way when the daemon ended; the same import goes on from there.</summary>
    public const string Interrupted = "interrupted";

    /// <summary>It can be used.</summary>
    public const string Ready = "ready";
}
