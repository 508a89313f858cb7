namespace Pewter.Blocks.Layers;

/// <summary>
/// The parts of an open layer, 64 MiB each, whose stored checksums may be older than the data. Adding is durable on return; an intent left too
/// long costs only checksums to compute again after a crash.
/// </summary>
internal sealed class IntentSet(MapFile map, long length)
{
    private readonly Lock _lock = new();
    private byte[] _bits = map.ReadIntents(BytesFor(length));

    public bool Contains(int group) => (Volatile.Read(ref _bits[group >> 3]) & (1 << (group & 7))) != 0;

    public void Add(int group)
    {
        if (Contains(group))
            return;
        lock (_lock)
        {
            byte changed = (byte)(_bits[group >> 3] | (1 << (group & 7)));
            if (changed == _bits[group >> 3])
                return;
            map.MarkClean(false);
            map.WriteIntents(group >> 3, changed);
            map.Sync();
            Volatile.Write(ref _bits[group >> 3], changed);
        }
    }

    /// <summary>Takes all intents back; the checksums are stored and nothing is being written.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            if (_bits.AsSpan().IndexOfAnyExcept((byte)0) < 0)
                return;
            for (int i = 0; i < _bits.Length; i++)
            {
                if (_bits[i] == 0)
                    continue;
                _bits[i] = 0;
                map.WriteIntents(i, 0);
            }

            map.Sync();
        }
    }

    public void Grow(long length)
    {
        lock (_lock)
        {
            if (BytesFor(length) > _bits.Length)
                Array.Resize(ref _bits, BytesFor(length));
        }
    }

    public IEnumerable<int> All()
    {
        for (int i = 0; i < _bits.Length; i++)
        {
            for (int bit = 0; _bits[i] >> bit != 0; bit++)
            {
                if ((_bits[i] >> bit & 1) != 0)
                    yield return (i * 8) + bit;
            }
        }
    }

    private static int BytesFor(long length) =>
        (int)((length / (LayerFormat.PageSpan * LayerFormat.PagesPerIntent * 8)) + 1);
}
