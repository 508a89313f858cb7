using System.Threading.Channels;
using Pewter.Linux;

namespace Pewter.Mail;

/// <summary>
/// Events of a name: first those that are there already, then what happens, in order. Ends after its time with <see
/// cref="NameEventKind.Timeout"/>, or when it is
/// disposed. One reader at a time.
/// </summary>
public sealed class NameSubscription : IDisposable
{
    // A reader that is so far behind has stopped reading; it is told instead of being fed from ever more memory.
    private const int EventsMax = 1 << 16;

    private readonly Channel<NameEvent> _events =
        Channel.CreateBounded<NameEvent>(new BoundedChannelOptions(EventsMax) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    private readonly NameTable _table;
    private readonly Action<NameBinding, bool>? _heard;
    private readonly Dictionary<MailTarget, int> _counts = [];
    private ITimer? _timer;

    internal NameSubscription(NameTable table, MailTarget target, NameFilter filter, bool groups, Action<NameBinding, bool>? heard) =>
        (_table, Target, Filter, IsOfGroups, _heard) = (table, target, filter, groups, heard);

    /// <summary>What is subscribed to.</summary>
    public MailTarget Target { get; }

    /// <summary>Which events.</summary>
    public NameFilter Filter { get; }

    internal bool IsOfGroups { get; }

    /// <summary>Called with no lock held when it ends.</summary>
    internal Action? Ended { get; set; }

    /// <summary>The next event; null after the end.</summary>
    /// <exception cref="MailException">ENOBUFS: the reader is too far behind and has missed events.</exception>
    public async ValueTask<NameEvent?> ReadAsync(CancellationToken cancellation = default)
    {
        while (await _events.Reader.WaitToReadAsync(cancellation))
        {
            if (_events.Reader.TryRead(out var happened))
            {
                return happened;
            }
        }

        return null;
    }

    /// <summary>The next event, if there is one now.</summary>
    public bool TryRead(out NameEvent happened) => _events.Reader.TryRead(out happened);

    /// <inheritdoc/>
    public void Dispose()
    {
        _timer?.Dispose();
        _table.Unsubscribe(this);
        if (_events.Writer.TryComplete())
        {
            Ended?.Invoke();
        }
    }

    internal void StartTimer(TimeSpan timeout, TimeProvider time)
    {
        if (timeout != Timeout.InfiniteTimeSpan)
        {
            _timer = time.CreateTimer(
                _ =>
                {
                    Tell(new NameEvent(NameEventKind.Timeout, Target, default));
                    Dispose();
                },
                null, timeout < TimeSpan.Zero ? TimeSpan.Zero : timeout, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Takes note of a binding that came or went; under the table's lock.</summary>
    internal void Observe(NameBinding binding, bool isUp)
    {
        if (binding.IsGroup != IsOfGroups || !Target.Matches(binding.Target))
        {
            return;
        }

        if (_heard is not null)
        {
            _heard(binding, isUp);
            return;
        }

        var happened = new NameEvent(isUp ? NameEventKind.Up : NameEventKind.Down, binding.Target, binding.Port);
        var count = _counts.GetValueOrDefault(binding.Target) + (isUp ? 1 : -1);
        if (count > 0)
        {
            _counts[binding.Target] = count;
        }
        else
        {
            _counts.Remove(binding.Target);
        }

        if (Filter == NameFilter.Ports || (isUp ? count == 1 : count == 0))
        {
            Tell(happened);
        }
    }

    private void Tell(NameEvent happened)
    {
        if (!_events.Writer.TryWrite(happened))
        {
            _events.Writer.TryComplete(
                new MailException(LinuxErrno.ENOBUFS, $"More than {EventsMax} events of {Target} were not read: subscribe again."));
        }
    }
}
