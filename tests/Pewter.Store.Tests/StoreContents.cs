using System.Text;

namespace Pewter.Store.Tests;

/// <summary>What hosts left behind, and whether that is what they said.</summary>
internal sealed class StoreContents
{
    private readonly HashSet<string> _first = [];
    private readonly HashSet<string> _second = [];
    private readonly HashSet<string> _events = [];

    public static async Task<StoreContents> ReadAsync(StateStore store, CancellationToken cancellation)
    {
        var contents = new StoreContents();
        await foreach (var stored in store.ReadAllAsync("a", cancellation))
            contents._first.Add(stored.Key.Id);
        await foreach (var stored in store.ReadAllAsync("b", cancellation))
        {
            contents._second.Add(stored.Key.Id);
            Assert.Equal(stored.Key.Id, Id(stored.Body));
        }
        var sequence = 0L;
        await foreach (var stored in store.ReadEventsAsync(0, "t", cancellation))
        {
            Assert.True(contents._events.Add(Id(stored.Body)), "an event is there twice");
            Assert.Equal(++sequence, stored.Sequence);
        }
        return contents;
    }

    /// <summary>Everything acknowledged is there, nothing refused is, and each commit is there whole or not at all.</summary>
    public void Verify(StoreHost host)
    {
        Assert.Equal(_first, _second);
        Assert.Equal(_first, _events);
        Assert.Empty(host.Acknowledged.Except(_first));
        Assert.Empty(host.Refused.Intersect(_first));
    }

    private static string Id(ReadOnlyMemory<byte> body) => Encoding.UTF8.GetString(body.Span)[7..^2];
}
