namespace Pewter.Images.Library;

/// <summary>Numbers that go on over restarts.</summary>
internal sealed record LibraryCounters(long LastImage, long LastImageEvent, long LastDisk, long LastDiskEvent)
{
    public static LibraryCounters None { get; } = new(0, 0, 0, 0);
}
