using System.Text.Json;

namespace Pewter.Tree;

/// <summary>
/// The last events of a part of the tree, as JSON lines with a sequence number and a time. The producer never waits: when the log is full the
/// oldest go, and a reader that was too slow is told how many it missed.
/// </summary>
/// <remarks>Owns the window; one lock, held for no longer than an append or the copy of one line. Readers keep their own place.</remarks>
/// <param name="time">The clock.</param>
/// <param name="capacity">Events kept.</param>
/// <param name="last">The sequence number of the last event of an earlier life, so that numbers go on.</param>
public sealed class EventLog(TimeProvider time, int capacity = EventLog.DefaultCapacity, long last = 0)
{
    /// <summary>4,096 events: at 200 bytes each below 1 MiB, and minutes of a busy machine.</summary>
    public const int DefaultCapacity = 4096;

    private readonly Lock _lock = new();
    private readonly Entry?[] _ring = new Entry?[capacity];
    private readonly long _born = last;
    private long _last = last;

    /// <summary>The sequence number of the newest event; 0 when there was none.</summary>
    public long Last => Volatile.Read(ref _last);

    internal Pulse Changed { get; } = new();

    /// <summary>Adds an event that everyone may see: <c>{"seq":…,"time":…,"event":…,</c> and the members that the delegate writes.</summary>
    /// <returns>Its sequence number.</returns>
    public long Append(string name, Action<Utf8JsonWriter>? members = null) => Append(name, default, members);

    internal long Append(string name, EventScope scope, Action<Utf8JsonWriter>? members)
    {
        long sequence;
        lock (_lock)
        {
            sequence = _last + 1;
            var line = JsonText.Line(json =>
            {
                json.WriteStartObject();
                json.WriteNumber("seq", sequence);
                json.WriteString("time", time.GetUtcNow());
                json.WriteString("event", name);
                members?.Invoke(json);
                json.WriteEndObject();
            });
            _ring[sequence % capacity] = new(line, scope);
            Volatile.Write(ref _last, sequence);
        }

        Changed.Fire();
        return sequence;
    }

    /// <summary>
    /// Collects the lines after <paramref name="after"/> that fit and that the filter lets through; a line that says what is missing where
    /// the window has moved on. Returns the sequence number that was reached.
    /// </summary>
    internal long Collect(long after, int maxBytes, Func<EventScope, bool> isVisible, List<ReadOnlyMemory<byte>> lines)
    {
        lock (_lock)
        {
            var first = Math.Max(_born, _last - capacity) + 1;
            var reached = Math.Min(after, _last);
            if (reached + 1 < first)
            {
                lines.Add(GapLine(reached, first - 1));
                reached = first - 1;
            }

            for (; reached < _last; reached++)
            {
                var (line, scope) = _ring[(reached + 1) % capacity]!;
                if (!isVisible(scope))
                {
                    continue;
                }

                maxBytes -= line.Length;
                if (maxBytes < 0 && lines.Count > 0)
                {
                    break;
                }

                lines.Add(line);
            }

            return reached;
        }
    }

    private static ReadOnlyMemory<byte> GapLine(long reached, long lastLost) => JsonText.Line(json =>
    {
        json.WriteStartObject();
        json.WriteNumber("seq", lastLost);
        json.WriteNumber("gap", lastLost - reached);
        json.WriteEndObject();
    });

    private sealed record Entry(ReadOnlyMemory<byte> Line, EventScope Scope);
}
