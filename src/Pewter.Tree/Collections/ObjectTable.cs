namespace Pewter.Tree;

/// <summary>
/// The objects of a collection by number, by name and by the values of indexed fields. Not safe by itself: the collection locks.
/// </summary>
internal sealed class ObjectTable<T>(Fields<TreeObject<T>> fields)
    where T : class
{
    private readonly CookieList<TreeObject<T>> _byNumber = new();
    private readonly Dictionary<string, TreeObject<T>> _byName = new(StringComparer.Ordinal);
    private readonly List<TreeObject<T>?> _slots = [];
    private readonly Stack<int> _freeSlots = new();
    private readonly Dictionary<string, FieldIndex<TreeObject<T>>> _indexes = fields.All
        .Where(field => field.IsIndexed).ToDictionary(field => field.Name, field => new FieldIndex<TreeObject<T>>(field));

    /// <summary>Objects there are.</summary>
    public int Count => _byNumber.Count;

    /// <summary>Adds an object; false when its number is taken.</summary>
    public bool TryAdd(TreeObject<T> target)
    {
        if (!_byNumber.TryAdd((ulong)target.Number, target))
        {
            return false;
        }

        if (_freeSlots.TryPop(out var slot))
        {
            (target.Slot, _slots[slot]) = (slot, target);
        }
        else
        {
            target.Slot = _slots.Count;
            _slots.Add(target);
        }

        Rename(target, target.Name);
        return true;
    }

    /// <summary>Removes an object; false when it is not there.</summary>
    public bool Remove(TreeObject<T> target)
    {
        if (_byNumber.Remove((ulong)target.Number) is null)
        {
            return false;
        }

        if (target.Name is not null)
        {
            _byName.Remove(target.Name);
        }

        foreach (var index in _indexes.Values)
        {
            index.Remove(target.Slot);
        }

        _slots[target.Slot] = null;
        _freeSlots.Push(target.Slot);
        return true;
    }

    /// <summary>Finds by number.</summary>
    public TreeObject<T>? Find(long number) => _byNumber.Find((ulong)number);

    /// <summary>Finds by name.</summary>
    public TreeObject<T>? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>Binds a name that is free, or none.</summary>
    public void Rename(TreeObject<T> target, string? name)
    {
        if (target.Name is not null)
        {
            _byName.Remove(target.Name);
        }

        target.Name = name;
        if (name is not null)
        {
            _byName.Add(name, target);
        }

        Reindex(target);
    }

    /// <summary>Brings the indexes up to date after an object has changed.</summary>
    public void Reindex(TreeObject<T> target)
    {
        foreach (var index in _indexes.Values)
        {
            index.Update(target.Slot, target);
        }
    }

    /// <summary>The objects after a number, in order.</summary>
    public IEnumerable<TreeObject<T>> After(ulong number) => _byNumber.After(number).Select(pair => pair.Entry);

    /// <summary>The objects for which all predicates hold, in order; by the index that leaves the fewest to look at.</summary>
    public List<TreeObject<T>> Match(IReadOnlyList<Predicate<TreeObject<T>>> predicates)
    {
        var scratch = new List<FieldValue>();
        var best = predicates
            .Select(predicate => _indexes.TryGetValue(predicate.Field.Name, out var index) ? index.Candidates(predicate) : null)
            .Where(candidates => candidates is not null)
            .MinBy(candidates => candidates!.Count);
        var pool = best is null ? After(0) : best.Slots().Select(slot => _slots[slot]!);
        var matches = pool.Where(target => predicates.All(predicate => predicate.Holds(target, scratch))).ToList();
        if (best is not null)
        {
            matches.Sort(static (left, right) => left.Number.CompareTo(right.Number));
        }

        return matches;
    }

    /// <summary>Whether some object has a value.</summary>
    public bool Has(Field<TreeObject<T>> field, FieldValue value)
    {
        if (_indexes.TryGetValue(field.Name, out var index))
        {
            return index.Has(value);
        }

        var values = new List<FieldValue>();
        foreach (var target in After(0))
        {
            values.Clear();
            field.Collect(target, values);
            if (values.Contains(value))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The values that a field has in some object, in order, at most so many.</summary>
    public List<FieldValue> Values(Field<TreeObject<T>> field, int most)
    {
        if (_indexes.TryGetValue(field.Name, out var index))
        {
            return [.. index.Values.Order().Take(most)];
        }

        var values = new List<FieldValue>();
        var found = new SortedSet<FieldValue>();
        foreach (var target in After(0))
        {
            values.Clear();
            field.Collect(target, values);
            found.UnionWith(values);
        }

        return [.. found.Take(most)];
    }
}
