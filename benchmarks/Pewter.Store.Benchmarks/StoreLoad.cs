using System.Diagnostics;
using System.Text;

namespace Pewter.Store.Benchmarks;

/// <summary>Callers that each commit small changes one after the other, as a service's requests do.</summary>
internal static class StoreLoad
{
    /// <summary>
    /// Acknowledged commits a second. Each is the ordinary one: an entity of about 100 bytes replaced at its version, and an event.
    /// </summary>
    public static async Task<double> MeasureAsync(StateStore store, string kind, int callers, TimeSpan duration)
    {
        var body = Encoding.UTF8.GetBytes($$"""{"state":"running","image":"debian-12","owner":"lab","address":"10.0.0.{{callers}}","cpus":4,"mem":"4G"}""");
        var watch = Stopwatch.StartNew();
        var counts = await Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(async () =>
        {
            var (id, version, count) = ($"n{caller}", 0L, 0);
            for (; watch.Elapsed < duration; count++)
            {
                var batch = new CommitBatch().Replace(kind, id, version, body).Append("node", body);
                version = (await store.CommitAsync(batch, CancellationToken.None)).OrThrow().Revision;
            }
            return count;
        })));
        return counts.Sum() / watch.Elapsed.TotalSeconds;
    }
}
