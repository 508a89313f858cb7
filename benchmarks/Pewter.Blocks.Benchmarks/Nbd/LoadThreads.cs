using Pewter.Linux.Polling;

namespace Pewter.Blocks.Benchmarks.Nbd;

/// <summary>
/// Drives many connections with two threads, as few as keep a server of two processors busy: a load generator that costs more than what it
/// measures measures itself.
/// </summary>
internal static class LoadThreads
{
    private const int Most = 2;

    /// <summary>Runs every client until its requests are answered.</summary>
    public static void Run(IReadOnlyList<NbdLoadClient> clients, int depth, Func<int, RequestSource> source)
    {
        int count = Math.Min(Most, clients.Count);
        Exception? failure = null;
        Thread[] threads = [.. Enumerable.Range(0, count).Select(i => new Thread(() =>
        {
            try
            {
                Drive([.. clients.Where((_, c) => c % count == i)], depth, k => source((k * count) + i));
            }
            catch (Exception e)
            {
                failure = e;
            }
        }))];
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            thread.Join();
        if (failure is not null)
            throw new InvalidOperationException("The load did not run to its end.", failure);
    }

    private static void Drive(NbdLoadClient[] clients, int depth, Func<int, RequestSource> source)
    {
        byte[] shared = GC.AllocateUninitializedArray<byte>(128 << 10, pinned: true);
        for (int i = 0; i < clients.Length; i++)
            clients[i].Begin(depth, source(i));
        if (clients.Length == 1)
        {
            while (clients[0].Step(shared))
            {
            }

            return;
        }

        using var ready = new Epoll();
        for (int i = 0; i < clients.Length; i++)
            ready.Add(clients[i].Descriptor, EpollEvents.Input, (ulong)i);
        var events = new EpollEvent[clients.Length];
        for (int left = clients.Length; left > 0;)
        {
            int count = ready.Wait(events, TimeSpan.FromMilliseconds(-1));
            for (int i = 0; i < count; i++)
            {
                NbdLoadClient client = clients[events[i].Tag];
                if (client.Step(shared))
                    continue;
                ready.Remove(client.Descriptor);
                left--;
            }
        }
    }
}
