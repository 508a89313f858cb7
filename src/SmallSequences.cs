namespace Pewter;

/// <summary>
/// The few sequence operators that the agent and the command line use, in place of System.Linq's of the same names: this namespace is looked
/// into before those that are imported. The framework's keep a specialised class for each pair of operators and element types, which alone made
/// a sixth of a NativeAOT program; here each is one iterator. Compiled only where size counts (src/Directory.Build.props).
/// </summary>
internal static class SmallSequences
{
    internal static IEnumerable<TResult> Select<T, TResult>(this IEnumerable<T> source, Func<T, TResult> selector)
    {
        foreach (var item in source)
        {
            yield return selector(item);
        }
    }

    internal static IEnumerable<TResult> Select<T, TResult>(this IEnumerable<T> source, Func<T, int, TResult> selector)
    {
        var index = 0;
        foreach (var item in source)
        {
            yield return selector(item, index++);
        }
    }

    internal static IEnumerable<TResult> SelectMany<T, TResult>(this IEnumerable<T> source, Func<T, IEnumerable<TResult>> selector)
    {
        foreach (var item in source)
        {
            foreach (var result in selector(item))
            {
                yield return result;
            }
        }
    }

    internal static IEnumerable<T> Where<T>(this IEnumerable<T> source, Func<T, bool> predicate)
    {
        foreach (var item in source)
        {
            if (predicate(item))
            {
                yield return item;
            }
        }
    }

    internal static IEnumerable<T> Concat<T>(this IEnumerable<T> first, IEnumerable<T> second)
    {
        foreach (var item in first)
        {
            yield return item;
        }

        foreach (var item in second)
        {
            yield return item;
        }
    }

    internal static IEnumerable<T> Prepend<T>(this IEnumerable<T> source, T item) => Concat([item], source);

    internal static IEnumerable<T> Append<T>(this IEnumerable<T> source, T item) => Concat(source, [item]);

    internal static IEnumerable<T> Skip<T>(this IEnumerable<T> source, int count)
    {
        foreach (var item in source)
        {
            if (--count < 0)
            {
                yield return item;
            }
        }
    }

    internal static IEnumerable<T> Take<T>(this IEnumerable<T> source, int count)
    {
        if (count <= 0)
        {
            yield break;
        }

        foreach (var item in source)
        {
            yield return item;
            if (--count == 0)
            {
                yield break;
            }
        }
    }

    internal static IEnumerable<T> Distinct<T>(this IEnumerable<T> source) => new HashSet<T>(source);

    internal static IEnumerable<T> Intersect<T>(this IEnumerable<T> first, IEnumerable<T> second)
    {
        var both = new HashSet<T>(first);
        both.IntersectWith(second);
        return both;
    }

    internal static IEnumerable<T> Order<T>(this IEnumerable<T> source, IComparer<T>? comparer = null)
    {
        var sorted = new List<T>(source);
        sorted.Sort(comparer);
        return sorted;
    }

    internal static IEnumerable<T> OrderDescending<T>(this IEnumerable<T> source)
    {
        var sorted = new List<T>(source);
        sorted.Sort();
        sorted.Reverse();
        return sorted;
    }

    // Stable, as callers expect of the name: equal keys keep their order.
    internal static IEnumerable<T> OrderBy<T, TKey>(this IEnumerable<T> source, Func<T, TKey> key)
    {
        var items = new List<T>(source).ToArray();
        var keys = new (TKey Key, int Place)[items.Length];
        for (var i = 0; i < items.Length; i++)
        {
            keys[i] = (key(items[i]), i);
        }

        Array.Sort(keys, items);
        return items;
    }

    internal static List<T> ToList<T>(this IEnumerable<T> source) => [.. source];

    internal static T[] ToArray<T>(this IEnumerable<T> source) => new List<T>(source).ToArray();

    internal static HashSet<T> ToHashSet<T>(this IEnumerable<T> source, IEqualityComparer<T>? comparer = null) => new(source, comparer);

    internal static Dictionary<TKey, TValue> ToDictionary<T, TKey, TValue>(
        this IEnumerable<T> source, Func<T, TKey> key, Func<T, TValue> value, IEqualityComparer<TKey>? comparer = null)
        where TKey : notnull
    {
        var dictionary = new Dictionary<TKey, TValue>(comparer);
        foreach (var item in source)
        {
            dictionary.Add(key(item), value(item));
        }

        return dictionary;
    }

    internal static bool Any<T>(this IEnumerable<T> source)
    {
        using var items = source.GetEnumerator();
        return items.MoveNext();
    }

    internal static bool Any<T>(this IEnumerable<T> source, Func<T, bool> predicate)
    {
        foreach (var item in source)
        {
            if (predicate(item))
            {
                return true;
            }
        }

        return false;
    }

    internal static bool All<T>(this IEnumerable<T> source, Func<T, bool> predicate) => !Any(source, item => !predicate(item));

    internal static T? FirstOrDefault<T>(this IEnumerable<T> source, Func<T, bool>? predicate = null)
    {
        foreach (var item in source)
        {
            if (predicate is null || predicate(item))
            {
                return item;
            }
        }

        return default;
    }

    internal static T First<T>(this IEnumerable<T> source, Func<T, bool>? predicate = null)
    {
        foreach (var item in source)
        {
            if (predicate is null || predicate(item))
            {
                return item;
            }
        }

        throw new InvalidOperationException("The sequence has no such element.");
    }

    internal static T? LastOrDefault<T>(this IEnumerable<T> source, Func<T, bool>? predicate = null)
    {
        T? last = default;
        foreach (var item in source)
        {
            last = predicate is null || predicate(item) ? item : last;
        }

        return last;
    }

    internal static int Count<T>(this IEnumerable<T> source, Func<T, bool> predicate)
    {
        var count = 0;
        foreach (var item in source)
        {
            count += predicate(item) ? 1 : 0;
        }

        return count;
    }

    internal static int Sum<T>(this IEnumerable<T> source, Func<T, int> selector)
    {
        var sum = 0;
        foreach (var item in source)
        {
            sum += selector(item);
        }

        return sum;
    }

    internal static long Sum<T>(this IEnumerable<T> source, Func<T, long> selector)
    {
        var sum = 0L;
        foreach (var item in source)
        {
            sum += selector(item);
        }

        return sum;
    }

    internal static long Min<T>(this IEnumerable<T> source, Func<T, long> selector)
    {
        var least = long.MaxValue;
        foreach (var item in source)
        {
            least = Math.Min(least, selector(item));
        }

        return least;
    }

    internal static int Max(this IEnumerable<int> source)
    {
        var most = int.MinValue;
        foreach (var item in source)
        {
            most = Math.Max(most, item);
        }

        return most;
    }
}
