namespace Pewter.Doors.Http;

/// <summary>Whether a daemon can do its work.</summary>
/// <param name="IsReady">Whether it can.</param>
/// <param name="Reasons">Why not, a sentence each.</param>
public sealed record Readiness(bool IsReady, IReadOnlyList<string> Reasons)
{
    /// <summary>It can.</summary>
    public static Readiness Ready { get; } = new(true, []);
}
