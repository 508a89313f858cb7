using System.Runtime.InteropServices;

namespace Pewter.Mail;

/// <summary>
/// Who is bound to which name. Soft state: what a process or a node has bound goes with it. Within a process it holds
/// the own bindings and copies of those that are
/// watched; in a hub, all of its name space.
/// </summary>
/// <remarks>
/// Safe to call from any thread; one lock. Subscribers are called under it, in the order of the changes, and must not
/// call back.
/// </remarks>
public sealed class NameTable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(PortAddress, uint), NameBinding> _bindings = [];
    private readonly Dictionary<uint, NameBucket> _byType = [];
    private readonly Dictionary<string, NameBucket> _byName = new(StringComparer.Ordinal);
    private readonly TimeProvider _time;
    private long _version;

    /// <summary>An empty table.</summary>
    public NameTable(TimeProvider time) => _time = time;

    /// <summary>Grows with every change, so that what was found can be kept.</summary>
    internal long Version => Volatile.Read(ref _version);

    /// <summary>All bindings, in no order.</summary>
    public IReadOnlyList<NameBinding> All
    {
        get
        {
            lock (_lock)
            {
                return [.. _bindings.Values];
            }
        }
    }

    /// <summary>Adds a binding; one of the same mailbox and number is replaced.</summary>
    /// <param name="binding">The binding.</param>
    /// <returns>The binding that stands in its way because one of the two is exclusive; null when it was
    /// added.</returns>
    public NameBinding? Add(NameBinding binding)
    {
        lock (_lock)
        {
            if (_bindings.TryGetValue(binding.Key, out var same))
            {
                if (same == binding)
                {
                    return null;
                }

                RemoveLocked(same);
            }

            var conflict = Candidates(binding.Target)
                .Where(other => (other.IsExclusive || binding.IsExclusive) && other.IsGroup == binding.IsGroup)
                .FirstOrDefault(other => binding.Target.Matches(other.Target));
            if (conflict is not null)
            {
                return conflict;
            }

            _bindings.Add(binding.Key, binding);
            foreach (var bucket in BucketsFor(binding.Target))
            {
                bucket.Add(binding);
            }

            Tell(binding, isUp: true);
            return null;
        }
    }

    /// <summary>Removes a binding; false when there is none.</summary>
    public bool Remove(PortAddress port, uint id)
    {
        lock (_lock)
        {
            return _bindings.TryGetValue((port, id), out var binding) && RemoveLocked(binding);
        }
    }

    /// <summary>Removes all bindings for which something holds; returns them.</summary>
    public IReadOnlyList<NameBinding> RemoveWhere(Predicate<NameBinding> holds)
    {
        lock (_lock)
        {
            var gone = _bindings.Values.Where(binding => holds(binding)).ToList();
            gone.ForEach(binding => RemoveLocked(binding));
            return gone;
        }
    }

    /// <summary>The bindings that a target finds, a mailbox once, in the order in which they were bound here.</summary>
    /// <param name="target">Whom to find.</param>
    /// <param name="node">The node of who looks, for what is looked for on the own node only.</param>
    public IReadOnlyList<NameBinding> Find(MailTarget target, ulong node)
    {
        lock (_lock)
        {
            return [.. Candidates(target)
                .Where(binding => !binding.IsGroup && target.Matches(binding.Target) && (target.Scope != MailScope.Node || binding.Port.Node == node))
                .DistinctBy(binding => binding.Port)];
        }
    }

    /// <summary>Subscribes to what matches a target.</summary>
    /// <param name="target">What.</param>
    /// <param name="filter">Which events.</param>
    /// <param name="timeout">When it ends by itself.</param>
    public NameSubscription Subscribe(MailTarget target, NameFilter filter, TimeSpan timeout) =>
        Subscribe(target, filter, timeout, groups: false, heard: null);

    internal NameSubscription Subscribe(MailTarget target, NameFilter filter, TimeSpan timeout, bool groups, Action<NameBinding, bool>? heard)
    {
        var subscription = new NameSubscription(this, target, filter, groups, heard);
        lock (_lock)
        {
            foreach (var bucket in BucketsFor(target))
            {
                bucket.Subscriptions.Add(subscription);
            }

            foreach (var binding in Candidates(target).Distinct())
            {
                subscription.Observe(binding, isUp: true);
            }
        }

        subscription.StartTimer(timeout, _time);
        return subscription;
    }

    internal void Unsubscribe(NameSubscription subscription)
    {
        lock (_lock)
        {
            foreach (var bucket in BucketsFor(subscription.Target))
            {
                bucket.Subscriptions.Remove(subscription);
            }

            Forget(subscription.Target);
        }
    }

    private bool RemoveLocked(NameBinding binding)
    {
        _bindings.Remove(binding.Key);
        foreach (var bucket in BucketsFor(binding.Target))
        {
            bucket.Remove(binding);
        }

        Tell(binding, isUp: false);
        Forget(binding.Target);
        return true;
    }

    private void Tell(NameBinding binding, bool isUp)
    {
        Volatile.Write(ref _version, _version + 1);
        var buckets = BucketsFor(binding.Target);
        foreach (var subscription in buckets.Count == 1 ? buckets[0].Subscriptions : buckets.SelectMany(bucket => bucket.Subscriptions).Distinct())
        {
            subscription.Observe(binding, isUp);
        }
    }

    private IEnumerable<NameBinding> Candidates(MailTarget target)
    {
        var byType = target.Range is { } range && _byType.TryGetValue(range.Type, out var typed) ? typed.Candidates(target) : [];
        var byName = target.Name is { } name && _byName.TryGetValue(name, out var named) ? named.Candidates(target with { }) : [];
        return byType.Concat(byName.Where(binding => binding.Target.Range is null || target.Range is null));
    }

    private List<NameBucket> BucketsFor(MailTarget target)
    {
        var buckets = new List<NameBucket>(2);
        if (target.Range is { } range)
        {
            buckets.Add(CollectionsMarshal.GetValueRefOrAddDefault(_byType, range.Type, out _) ??= new NameBucket());
        }

        if (target.Name is { } name)
        {
            buckets.Add(CollectionsMarshal.GetValueRefOrAddDefault(_byName, name, out _) ??= new NameBucket());
        }

        return buckets;
    }

    private void Forget(MailTarget target)
    {
        if (target.Range is { } range && _byType.TryGetValue(range.Type, out var typed) && typed.IsEmpty)
        {
            _byType.Remove(range.Type);
        }

        if (target.Name is { } name && _byName.TryGetValue(name, out var named) && named.IsEmpty)
        {
            _byName.Remove(name);
        }
    }
}
