using System.Globalization;

namespace Pewter.Blocks.Layers;

/// <summary>
/// Which 4 KiB blocks of a disk were read, in the order of their first reads. A boot's heat is the list to prefetch for the next boot of the
/// same image. All members may be called at once; a read of blocks seen before takes no lock.
/// </summary>
public sealed class HeatMap
{
    // Two million first reads that do not adjoin: more than any boot, and at most 48 MiB.
    private const int MaxRuns = 1 << 21;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private readonly List<HeatRun> _runs = [];
    private volatile BlockSet _seen = new();
    private long _startedAt;

    /// <summary>Creates an empty map.</summary>
    public HeatMap(TimeProvider time) => _time = time;

    /// <summary>Bytes that were read at least once.</summary>
    public long TouchedBytes { get; private set; }

    /// <summary>The first reads, in their order.</summary>
    public IReadOnlyList<HeatRun> Runs()
    {
        lock (_lock)
            return [.. _runs];
    }

    /// <summary>Notes a read.</summary>
    public void Touch(long offset, long length)
    {
        long end = offset + length;
        for (long block = offset >> LayerFormat.BlockShift; block << LayerFormat.BlockShift < end; block++)
        {
            if (!_seen.Contains(block))
                Add(block);
        }
    }

    /// <summary>Forgets everything, so that a new use is recorded.</summary>
    public void Reset()
    {
        lock (_lock)
        {
            _runs.Clear();
            _seen = new BlockSet();
            TouchedBytes = 0;
        }
    }

    /// <summary>Writes one line a run: offset and length in bytes, milliseconds since the first read.</summary>
    public void Save(TextWriter writer)
    {
        foreach (HeatRun run in Runs())
            writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{run.Offset} {run.Length} {(long)run.After.TotalMilliseconds}"));
    }

    /// <summary>Reads what <see cref="Save"/> wrote. EINVAL when it is something else.</summary>
    public static HeatMap Load(TextReader reader, TimeProvider time)
    {
        var map = new HeatMap(time);
        while (reader.ReadLine() is { } line)
        {
            string[] words = line.Split(' ');
            var numbers = new long[3];
            for (int i = 0; i < 3; i++)
            {
                if (words.Length != 3 || !long.TryParse(words[i], NumberStyles.None, CultureInfo.InvariantCulture, out numbers[i]))
                    throw new BlockException(BlockErrno.EINVAL, $"'{line}' is no line of a heat map.");
            }

            map.TouchedBytes += numbers[1];
            map._runs.Add(new HeatRun(numbers[0], numbers[1], TimeSpan.FromMilliseconds(numbers[2])));
        }

        return map;
    }

    private void Add(long block)
    {
        lock (_lock)
        {
            if (_seen.Contains(block) || _runs.Count >= MaxRuns)
                return;
            _seen.Add(block);
            TouchedBytes += LayerFormat.BlockSize;
            long offset = block << LayerFormat.BlockShift;
            if (_runs.Count > 0 && _runs[^1].Offset + _runs[^1].Length == offset)
            {
                _runs[^1] = _runs[^1] with { Length = _runs[^1].Length + LayerFormat.BlockSize };
                return;
            }

            long now = _time.GetTimestamp();
            if (_runs.Count == 0)
                _startedAt = now;
            _runs.Add(new HeatRun(offset, LayerFormat.BlockSize, _time.GetElapsedTime(_startedAt, now)));
        }
    }
}
