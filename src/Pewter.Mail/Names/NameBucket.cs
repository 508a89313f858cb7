namespace Pewter.Mail;

/// <summary>
/// The bindings of one type or one symbolic name. Single instances are found by their number, ranges by looking at
/// each: there are few.
/// Guarded by its table's lock.
/// </summary>
internal sealed class NameBucket
{
    private readonly Dictionary<uint, List<NameBinding>> _single = [];
    private readonly List<NameBinding> _ranges = [];

    internal List<NameSubscription> Subscriptions { get; } = [];

    internal bool IsEmpty => _single.Count == 0 && _ranges.Count == 0 && Subscriptions.Count == 0;

    internal void Add(NameBinding binding)
    {
        if (binding.Target.Range is not { } range || range.Lower != range.Upper)
        {
            _ranges.Add(binding);
            return;
        }

        if (!_single.TryGetValue(range.Lower, out var list))
        {
            _single[range.Lower] = list = [];
        }

        list.Add(binding);
    }

    internal void Remove(NameBinding binding)
    {
        if (binding.Target.Range is not { } range || range.Lower != range.Upper)
        {
            _ranges.Remove(binding);
        }
        else if (_single.TryGetValue(range.Lower, out var list) && list.Remove(binding) && list.Count == 0)
        {
            _single.Remove(range.Lower);
        }
    }

    internal IEnumerable<NameBinding> Candidates(MailTarget target)
    {
        if (target.Range is not { } range)
        {
            return _single.Values.SelectMany(list => list).Concat(_ranges);
        }

        return range.Lower == range.Upper
            ? (_single.GetValueOrDefault(range.Lower) ?? []).Concat(_ranges)
            : _single.Where(pair => pair.Key >= range.Lower && pair.Key <= range.Upper).SelectMany(pair => pair.Value).Concat(_ranges);
    }
}
