namespace Pewter.Blocks.Rbd;

/// <summary>Turns the data runs that librbd tells of, in order, into adjacent runs of data and holes.</summary>
internal sealed class RbdExtentWalk(long offset, long end, int capacity)
{
    /// <summary>What the callback returns to end the walk.</summary>
    public const int Full = -125;

    private readonly List<BlockExtent> _runs = [];
    private long _at = offset;

    public int Add(long start, long length, bool exists)
    {
        if (!exists)
            return 0;
        if (start > _at)
            Append(start - _at, isHole: true);
        Append(start + length - Math.Max(_at, start), isHole: false);
        return _runs.Count > capacity ? Full : 0;
    }

    public int Finish(Span<BlockExtent> extents)
    {
        if (_at < end)
            Append(end - _at, isHole: true);
        int count = Math.Min(_runs.Count, extents.Length);
        for (int i = 0; i < count; i++)
            extents[i] = _runs[i];
        return count;
    }

    private void Append(long length, bool isHole)
    {
        if (length <= 0)
            return;
        _at += length;
        if (_runs.Count > 0 && _runs[^1].IsHole == isHole)
            _runs[^1] = _runs[^1] with { Length = _runs[^1].Length + length };
        else
            _runs.Add(new BlockExtent(length, isHole, isHole));
    }
}
