using System.Diagnostics;

namespace Pewter.Blocks.Benchmarks.Nbd;

/// <summary>What clients do to servers, and how long for.</summary>
internal sealed record NbdLoad(string Id, int Connections, int Depth, int Size, bool IsWrite, bool IsSequential)
{
    /// <summary>Runs against one export over its connections; the same seed asks for the same blocks of every server.</summary>
    public LoadResult Run(ServerProcess server, Func<int, NbdLoadClient> connect, TimeSpan duration, int seed)
    {
        NbdLoadClient[] clients = [.. Enumerable.Range(0, Connections).Select(connect)];
        double cpu = server.CpuSeconds;
        var clock = Stopwatch.StartNew();
        LoadThreads.Run(clients, Depth, i => Source(clients[i].Length, clock, duration, seed + i));
        double seconds = clock.Elapsed.TotalSeconds;
        cpu = server.CpuSeconds - cpu;
        long requests = clients.Sum(c => c.Requests), bytes = clients.Sum(c => c.Bytes);
        foreach (NbdLoadClient client in clients)
            client.Dispose();
        return new LoadResult(requests / seconds, bytes / seconds / 1e6, cpu, requests, bytes);
    }

    private RequestSource Source(long length, Stopwatch clock, TimeSpan duration, int seed)
    {
        var random = new Random(seed);
        long blocks = length / Size;
        int asked = 0;
        long at = random.NextInt64(blocks);
        bool Next(out LoadRequest request)
        {
            at = IsSequential ? (at + 1) % blocks : random.NextInt64(blocks);
            request = new LoadRequest(at * Size, Size, IsWrite);
            // The clock costs as much as a request does here.
            return (++asked & 15) != 0 || clock.Elapsed < duration;
        }

        return Next;
    }
}

/// <summary>What came of a load.</summary>
internal sealed record LoadResult(double PerSecond, double MegabytesPerSecond, double CpuSeconds, long Requests, long Bytes)
{
    public double CpuMicrosecondsPerRequest => CpuSeconds * 1e6 / Requests;

    public double CpuSecondsPerGigabyte => CpuSeconds / (Bytes / 1e9);
}
