using System.Collections.Concurrent;

namespace Pewter.Doors.Metrics;

/// <summary>What the doors count of themselves. Safe from any thread.</summary>
public sealed class DoorMetrics : IMetricsSource
{
    private readonly ConcurrentDictionary<string, long> _accepted = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(string Door, string Reason), long> _refused = new();
    private readonly ConcurrentDictionary<(string Method, int Status), long> _requests = new();
    private readonly ConcurrentDictionary<string, long> _open = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public void Write(MetricsText text)
    {
        ArgumentNullException.ThrowIfNull(text);
        text.Family("pewter_door_connections", MetricKind.Gauge, "9P connections that are open.");
        foreach (var (door, count) in _open.OrderBy(entry => entry.Key, StringComparer.Ordinal))
            text.Sample(count, ("door", door));
        text.Family("pewter_door_accepted_total", MetricKind.Counter, "9P connections that were let in.");
        foreach (var (door, count) in _accepted.OrderBy(entry => entry.Key, StringComparer.Ordinal))
            text.Sample(count, ("door", door));
        text.Family("pewter_door_refused_total", MetricKind.Counter, "9P connections that were refused, by reason.");
        foreach (var ((door, reason), count) in _refused.OrderBy(entry => entry.Key))
            text.Sample(count, ("door", door), ("reason", reason));
        text.Family("pewter_http_requests_total", MetricKind.Counter, "HTTP requests that were answered.");
        foreach (var ((method, status), count) in _requests.OrderBy(entry => entry.Key))
            text.Sample(count, ("method", method), ("status", status.ToString(System.Globalization.CultureInfo.InvariantCulture)));
    }

    internal void Accepted(string door)
    {
        _accepted.AddOrUpdate(door, 1, static (_, count) => count + 1);
        _open.AddOrUpdate(door, 1, static (_, count) => count + 1);
    }

    internal void Closed(string door) => _open.AddOrUpdate(door, 0, static (_, count) => count - 1);

    internal void Refused(string door, string reason) => _refused.AddOrUpdate((door, reason), 1, static (_, count) => count + 1);

    internal void Answered(string method, int status) => _requests.AddOrUpdate((method, status), 1, static (_, count) => count + 1);
}
