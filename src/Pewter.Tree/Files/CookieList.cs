namespace Pewter.Tree;

/// <summary>
/// Entries in the order of their cookies, so that a listing goes on where it stopped while others come and go. Adding at the end, finding and
/// removing cost O(log n). Not safe by itself: its owner locks.
/// </summary>
internal sealed class CookieList<T>
    where T : class
{
    private readonly List<(ulong Cookie, T? Entry)> _entries = [];

    /// <summary>Entries that are there.</summary>
    public int Count { get; private set; }

    /// <summary>Adds an entry; cheap when its cookie is the greatest so far. False when the cookie is taken.</summary>
    public bool TryAdd(ulong cookie, T entry)
    {
        var index = IndexAfter(cookie);
        if (index > 0 && _entries[index - 1].Cookie == cookie)
        {
            if (_entries[index - 1].Entry is not null)
            {
                return false;
            }

            _entries[index - 1] = (cookie, entry);
        }
        else
        {
            _entries.Insert(index, (cookie, entry));
        }

        Count++;
        return true;
    }

    /// <summary>The entry of a cookie, or null.</summary>
    public T? Find(ulong cookie)
    {
        var index = IndexAfter(cookie) - 1;
        return index >= 0 && _entries[index].Cookie == cookie ? _entries[index].Entry : null;
    }

    /// <summary>Removes the entry of a cookie; null when there is none.</summary>
    public T? Remove(ulong cookie)
    {
        var index = IndexAfter(cookie) - 1;
        if (index < 0 || _entries[index].Cookie != cookie || _entries[index].Entry is not { } entry)
        {
            return null;
        }

        _entries[index] = (cookie, null);
        Count--;
        if (_entries.Count > 32 && Count < _entries.Count / 2)
        {
            _entries.RemoveAll(static slot => slot.Entry is null);
        }

        return entry;
    }

    /// <summary>The entries after a cookie, in order. The list must not change meanwhile.</summary>
    public IEnumerable<(ulong Cookie, T Entry)> After(ulong cookie)
    {
        for (var index = IndexAfter(cookie); index < _entries.Count; index++)
        {
            if (_entries[index].Entry is { } entry)
            {
                yield return (_entries[index].Cookie, entry);
            }
        }
    }

    private int IndexAfter(ulong cookie)
    {
        var (low, high) = (0, _entries.Count);
        if (high > 0 && _entries[high - 1].Cookie < cookie)
        {
            return high;
        }

        while (low < high)
        {
            var middle = (low + high) >>> 1;
            (low, high) = _entries[middle].Cookie <= cookie ? (middle + 1, high) : (low, middle);
        }

        return low;
    }
}
