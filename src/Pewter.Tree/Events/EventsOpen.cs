using System.Globalization;
using Pewter.NineP;
using Pewter.NineP.Serving;

namespace Pewter.Tree;

/// <summary>One reader of an event log: its place, and the rest of a line that did not fit the last read.</summary>
internal sealed class EventsOpen(ServedFile file, EventLog log, Func<EventScope, bool> isVisible) : BlockingOpen(file, log.Changed)
{
    private readonly List<ReadOnlyMemory<byte>> _lines = [];
    private long _reached = log.Last;
    private ReadOnlyMemory<byte> _rest;

    /// <inheritdoc/>
    protected override bool TryTake(ulong offset, Span<byte> buffer, out int count)
    {
        count = 0;
        if (_rest.IsEmpty)
        {
            _lines.Clear();
            _reached = log.Collect(_reached, buffer.Length, isVisible, _lines);
            foreach (var line in _lines)
            {
                var taken = Math.Min(line.Length, buffer.Length - count);
                line.Span[..taken].CopyTo(buffer[count..]);
                _rest = line[taken..];
                count += taken;
            }

            return count > 0;
        }

        count = Math.Min(_rest.Length, buffer.Length);
        _rest.Span[..count].CopyTo(buffer);
        _rest = _rest[count..];
        return true;
    }

    /// <inheritdoc/>
    public override ValueTask<int> WriteAsync(ulong offset, ReadOnlyMemory<byte> data, CancellationToken cancellation)
    {
        var words = RcQuoting.Split(Utf8Text.Decode(data.Span));
        if (words is not ["since", var number] || !long.TryParse(number, CultureInfo.InvariantCulture, out var since) || since < 0)
        {
            throw new FileException(Errno.EINVAL, "Write 'since N' with the number of the last event you have seen.");
        }

        lock (Gate)
        {
            (_reached, _rest) = (since, default);
        }

        return new(data.Length);
    }
}
