namespace Pewter.NineP.Server;

/// <summary>How far a 9P2000 client has read a directory: read(5) allows only to go on or to begin again.</summary>
internal sealed class DirectoryPosition
{
    /// <summary>Bytes given so far.</summary>
    public ulong Offset { get; private set; }

    /// <summary>Cookie of the last entry given.</summary>
    public ulong Cookie { get; private set; }

    /// <summary>Whether a read is under way; a second one would not know where to begin.</summary>
    public bool IsBusy { get; set; }

    public void Rewind()
    {
        Offset = 0;
        Cookie = 0;
        IsBusy = false;
    }

    public void Advance(int bytes, ulong cookie)
    {
        Offset += (uint)bytes;
        Cookie = cookie;
    }
}
