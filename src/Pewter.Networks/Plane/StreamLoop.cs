using System.Net.Sockets;

namespace Pewter.Networks.Plane;

/// <summary>Accepts connections until it is cancelled and serves each in a task of its own, all of which have ended when it returns.</summary>
internal static class StreamLoop
{
    // More than the machines of a segment that boot at once; who comes later waits in the kernel's queue.
    private const int AtOnce = 256;

    public static async Task RunAsync(Socket listener, Func<Socket, CancellationToken, Task> serve, PlaneLog log, CancellationToken stop)
    {
        using var room = new SemaphoreSlim(AtOnce);
        var tasks = new HashSet<Task>();
        try
        {
            while (true)
            {
                await room.WaitAsync(stop);
                var client = await listener.AcceptAsync(stop);
                tasks.RemoveWhere(task => task.IsCompleted);
                tasks.Add(OneAsync(client));
            }
        }
        catch (Exception ended) when (
            stop.IsCancellationRequested && ended is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            await Task.WhenAll(tasks);
        }

        async Task OneAsync(Socket client)
        {
            try
            {
                using (client)
                {
                    await serve(client, stop);
                }
            }
            catch (Exception failure) when (failure is SocketException or IOException or OperationCanceledException or ObjectDisposedException)
            {
                log.Tell($"a connection ended: {failure.Message}");
            }
            finally
            {
                room.Release();
            }
        }
    }
}
