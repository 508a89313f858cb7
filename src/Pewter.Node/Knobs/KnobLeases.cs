using Pewter.NineP;
using Pewter.Tree;

namespace Pewter.Node.Knobs;

/// <summary>
/// Turns knobs. <c>VALUE</c> sets one for good; <c>VALUE lease DURATION</c> sets it until the lease is over and then puts back what was there
/// before the first lease; a new lease before that renews it. Owns the timers.
/// </summary>
internal sealed class KnobLeases(TimeProvider time) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Lease> _leases = new(StringComparer.Ordinal);

    /// <summary>A line a lease: the knob, the value that comes back, and when.</summary>
    internal string Describe()
    {
        lock (_lock)
        {
            return string.Concat(_leases.Values.Select(lease =>
                $"{lease.Knob.Name} restores={lease.Before} in={(lease.Until - time.GetUtcNow()).TotalSeconds:0.#}s\n"));
        }
    }

    /// <summary>Applies what was written to a knob's file.</summary>
    internal void Turn(Knob knob, string text)
    {
        var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var lease = TimeSpan.Zero;
        var isLease = words is [_, "lease", _] && Quantity.TryParseDuration(words[2], out lease);
        if (!isLease && words.Length > 1 && words.Contains("lease"))
        {
            throw new FileException(Errno.EINVAL, $"{knob.Name}: write VALUE, or VALUE lease DURATION.");
        }

        lock (_lock)
        {
            var before = _leases.GetValueOrDefault(knob.Name)?.Before ?? knob.Read();
            Apply(knob, isLease ? words[0] : text);
            if (_leases.Remove(knob.Name, out var old))
            {
                old.Timer.Dispose();
            }

            if (isLease)
            {
                var timer = time.CreateTimer(_ => Restore(knob.Name), null, lease, Timeout.InfiniteTimeSpan);
                _leases[knob.Name] = new Lease(knob, before, time.GetUtcNow() + lease, timer);
            }
        }
    }

    /// <summary>Ends every lease now: what was borrowed is given back.</summary>
    public void Dispose()
    {
        string[] names;
        lock (_lock)
        {
            names = [.. _leases.Keys];
        }

        Array.ForEach(names, Restore);
    }

    private void Restore(string name)
    {
        lock (_lock)
        {
            if (_leases.Remove(name, out var lease))
            {
                lease.Timer.Dispose();
                try
                {
                    Apply(lease.Knob, lease.Before);
                }
                catch (FileException)
                {
                    // What the knob belonged to, a process or a device, is gone, and its setting with it.
                }
            }
        }
    }

    private static void Apply(Knob knob, string value)
    {
        try
        {
            knob.Write(value);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or Pewter.Linux.LinuxException)
        {
            throw new FileException(Errno.EINVAL, $"{knob.Name}: the kernel refuses '{value}': {failure.Message}", failure);
        }
    }

    private sealed record Lease(Knob Knob, string Before, DateTimeOffset Until, ITimer Timer);
}
