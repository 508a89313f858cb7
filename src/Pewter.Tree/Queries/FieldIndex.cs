namespace Pewter.Tree;

/// <summary>
/// Which objects have which value of a field. Objects are slots; each value heads a doubly linked list of nodes in flat arrays, so that a
/// change costs O(1) and a million objects cost 20 MB. Not safe by itself.
/// </summary>
internal sealed class FieldIndex<T>(Field<T> field)
{
    private const int None = -1;

    private readonly Dictionary<FieldValue, Bucket> _buckets = [];
    private readonly SortedSet<FieldValue>? _sorted = field.IsNumeric ? [] : null;
    private readonly List<FieldValue> _scratch = [];
    private readonly List<int> _firstOfSlot = [];
    private Node[] _nodes = [];
    private int _used;
    private int _free = None;

    /// <summary>The values there are, in no order.</summary>
    public IEnumerable<FieldValue> Values => _buckets.Keys;

    /// <summary>Whether some slot has a value.</summary>
    public bool Has(FieldValue value) => _buckets.ContainsKey(value);

    /// <summary>Brings a slot up to date.</summary>
    public void Update(int slot, T item)
    {
        _scratch.Clear();
        field.Collect(item, _scratch);
        while (_firstOfSlot.Count <= slot)
        {
            _firstOfSlot.Add(None);
        }

        if (!IsAsBefore(slot))
        {
            Remove(slot);
            foreach (var value in _scratch)
            {
                Link(slot, value);
            }
        }
    }

    /// <summary>Forgets a slot.</summary>
    public void Remove(int slot)
    {
        for (var node = _firstOfSlot[slot]; node != None;)
        {
            var next = _nodes[node].NextOfSlot;
            Unlink(node);
            node = next;
        }

        _firstOfSlot[slot] = None;
    }

    /// <summary>The slots among which all matches of a predicate are; null when the index cannot narrow them down.</summary>
    public CandidateSlots? Candidates(Predicate<T> predicate)
    {
        if (!predicate.NeedsValue)
        {
            return null;
        }

        var buckets = predicate.Exact is { } values
            ? values.Select(value => _buckets.GetValueOrDefault(value)).OfType<Bucket>()
            : Range(predicate).Select(value => _buckets[value]);
        return new CandidateSlots(this, [.. buckets.Distinct()]);
    }

    private IEnumerable<FieldValue> Range(Predicate<T> predicate) => _sorted is null
        ? _buckets.Keys.Where(predicate.Accepts)
        : _sorted.GetViewBetween(predicate.Lowest, predicate.Highest).Where(predicate.Accepts);

    private bool IsAsBefore(int slot)
    {
        var node = _firstOfSlot[slot];
        for (var i = _scratch.Count - 1; i >= 0; i--, node = _nodes[node].NextOfSlot)
        {
            if (node == None || !_nodes[node].Bucket!.Value.Equals(_scratch[i]))
            {
                return false;
            }
        }

        return node == None;
    }

    private void Link(int slot, FieldValue value)
    {
        if (!_buckets.TryGetValue(value, out var bucket))
        {
            _buckets.Add(value, bucket = new(value));
            _sorted?.Add(value);
        }

        var node = Allocate();
        _nodes[node] = new() { Bucket = bucket, Slot = slot, Next = bucket.First, Previous = None, NextOfSlot = _firstOfSlot[slot] };
        if (bucket.First != None)
        {
            _nodes[bucket.First].Previous = node;
        }

        (bucket.First, _firstOfSlot[slot]) = (node, node);
        bucket.Count++;
    }

    private void Unlink(int index)
    {
        ref var node = ref _nodes[index];
        var bucket = node.Bucket!;
        if (node.Next != None)
        {
            _nodes[node.Next].Previous = node.Previous;
        }

        if (node.Previous != None)
        {
            _nodes[node.Previous].Next = node.Next;
        }
        else
        {
            bucket.First = node.Next;
        }

        if (--bucket.Count == 0)
        {
            _buckets.Remove(bucket.Value);
            _sorted?.Remove(bucket.Value);
        }

        node = new() { Next = _free };
        _free = index;
    }

    private int Allocate()
    {
        if (_free != None)
        {
            var index = _free;
            _free = _nodes[index].Next;
            return index;
        }

        if (_used == _nodes.Length)
        {
            Array.Resize(ref _nodes, Math.Max(16, _used * 2));
        }

        return _used++;
    }

    /// <summary>One value and its objects.</summary>
    internal sealed class Bucket(FieldValue value)
    {
        public FieldValue Value => value;

        public int First { get; set; } = None;

        public int Count { get; set; }
    }

    /// <summary>The objects of some values.</summary>
    internal sealed class CandidateSlots(FieldIndex<T> index, IReadOnlyList<Bucket> buckets)
    {
        /// <summary>How many slots there are.</summary>
        public int Count { get; } = buckets.Sum(bucket => bucket.Count);

        /// <summary>The slots; one may come twice when it has two of the values.</summary>
        public IEnumerable<int> Slots()
        {
            foreach (var bucket in buckets)
            {
                for (var node = bucket.First; node != None; node = index._nodes[node].Next)
                {
                    yield return index._nodes[node].Slot;
                }
            }
        }
    }

    private struct Node
    {
        public Bucket? Bucket;
        public int Slot;
        public int Next;
        public int Previous;
        public int NextOfSlot;
    }
}
