namespace Pewter.Tree;

/// <summary>
/// Where qid paths come from. The two top bits say how a path was made, so that the ways never meet: 00 counted (roots and files without
/// a place), 01 derived from the directory's path and the name, 1x carried over from another server.
/// </summary>
/// <remarks>
/// A derived path needs no memory: an object's directory that is dropped and made again has the qid it had. It is a 62-bit hash; with ten
/// million files in use the chance that any two share one is 1 in 100,000. A name that is used again gets another generation.
/// </remarks>
internal static class QidPaths
{
    private const ulong DerivedBit = 1UL << 62;
    private const ulong RemoteBit = 1UL << 63;
    private static ulong _last;

    /// <summary>A path that no other call returns.</summary>
    public static ulong Next() => Interlocked.Increment(ref _last);

    /// <summary>The path of a name in a directory.</summary>
    public static ulong Derive(ulong directory, string name, uint generation)
    {
        const ulong Prime = 0x100000001B3;
        var hash = (0xCBF29CE484222325 ^ Mix(directory)) * Prime;
        foreach (var character in name)
        {
            hash = (hash ^ character) * Prime;
        }

        return (Mix(hash ^ ((ulong)generation << 32)) & (DerivedBit - 1)) | DerivedBit;
    }

    /// <summary>The path here of a file that another server calls <paramref name="path"/>; salted by the mount.</summary>
    public static ulong Import(ulong mount, ulong path) => Mix(Mix(mount) ^ path) | RemoteBit;

    // The finaliser of MurmurHash3: each bit of the input moves about half of the output, and no two inputs meet.
    private static ulong Mix(ulong x)
    {
        x = (x ^ (x >> 33)) * 0xFF51AFD7ED558CCD;
        x = (x ^ (x >> 33)) * 0xC4CEB9FE1A85EC53;
        return x ^ (x >> 33);
    }
}
