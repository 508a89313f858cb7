namespace Pewter.Blocks.Layers;

/// <summary>Describes ranges of a disk as data and holes, a page at a time where a page holds nothing.</summary>
internal readonly struct ExtentScanner(LayerStack stack)
{
    public int Scan(long offset, long length, Span<BlockExtent> extents)
    {
        int count = 0;
        long end = offset + length;
        while (offset < end && count < extents.Length)
        {
            bool isHole = IsHole(offset);
            long next = Next(offset, end, isHole);
            extents[count++] = new BlockExtent(next - offset, isHole, isHole);
            offset = next;
        }

        return count;
    }

    private long Next(long offset, long end, bool isHole)
    {
        while (offset < end)
        {
            if (offset % LayerFormat.PageSpan == 0 && IsEmptyPage((int)(offset / LayerFormat.PageSpan)))
            {
                if (!isHole)
                    return offset;
                offset += LayerFormat.PageSpan;
                continue;
            }

            if (IsHole(offset) != isHole)
                return offset;
            offset = ((offset >> LayerFormat.BlockShift) + 1) << LayerFormat.BlockShift;
        }

        return end;
    }

    private bool IsHole(long offset) => stack.Source(offset >> LayerFormat.BlockShift) is null;

    private bool IsEmptyPage(int page) =>
        stack.Open?.Page(page) is null && (stack.Below is null || stack.Below.Page(page) == FlatPage.Hole);
}
