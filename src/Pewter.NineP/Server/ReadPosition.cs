namespace Pewter.NineP.Server;

/// <summary>
/// The last read of a fid. Linux goes on reading until the program's buffer is full, so <c>cat</c> of a live stream would show nothing for
/// long. Such a continuation starts where the last read ended and ends where it would have ended; a new read(2) ends elsewhere.
/// </summary>
internal readonly record struct ReadPosition(ulong Offset, int Asked, int Got)
{
    public bool IsContinuedBy(ulong offset, int count) =>
        Got > 0 && Got < Asked && offset == Offset + (uint)Got && offset + (uint)count == Offset + (uint)Asked;
}
