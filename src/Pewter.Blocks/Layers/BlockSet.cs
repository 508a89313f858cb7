namespace Pewter.Blocks.Layers;

/// <summary>
/// A set of 4 KiB blocks that only grows, 128 bytes for each 4 MiB with any. All members may be called at once; asking takes no lock.
/// </summary>
internal sealed class BlockSet
{
    private const int WordsInPage = LayerFormat.PageBlocks / 64;
    private readonly Lock _lock = new();
    private ulong[]?[]?[] _pages = [];

    public bool Contains(long block)
    {
        long page = block >> LayerFormat.PageShift;
        ulong[]?[]?[] pages = Volatile.Read(ref _pages);
        if (page >> 8 >= pages.Length || pages[page >> 8]?[page & 255] is not { } words)
            return false;
        return (Volatile.Read(ref words[(block >> 6) & (WordsInPage - 1)]) & (1UL << (int)block)) != 0;
    }

    /// <summary>Whether all blocks that the bytes touch are there.</summary>
    public bool ContainsRange(long offset, int length)
    {
        long last = (offset + length - 1) >> LayerFormat.BlockShift;
        for (long block = offset >> LayerFormat.BlockShift; block <= last; block++)
        {
            if (!Contains(block))
                return false;
        }

        return true;
    }

    public void Add(long block)
    {
        ref ulong word = ref PageOf(block >> LayerFormat.PageShift)[(block >> 6) & (WordsInPage - 1)];
        Interlocked.Or(ref word, 1UL << (int)block);
    }

    /// <summary>Adds all blocks that the bytes touch.</summary>
    public void AddRange(long offset, int length)
    {
        long last = (offset + length - 1) >> LayerFormat.BlockShift;
        for (long block = offset >> LayerFormat.BlockShift; block <= last; block++)
        {
            if (!Contains(block))
                Add(block);
        }
    }

    private ulong[] PageOf(long page)
    {
        lock (_lock)
        {
            if (page >> 8 >= _pages.Length)
            {
                ulong[]?[]?[] grown = _pages;
                Array.Resize(ref grown, (int)(page >> 8) + 1);
                Volatile.Write(ref _pages, grown);
            }

            ulong[]?[] directory = _pages[page >> 8] ??= new ulong[]?[256];
            return directory[page & 255] ??= new ulong[WordsInPage];
        }
    }
}
