using System.Net.Sockets;

namespace Pewter.NineP.Transport;

/// <summary>
/// Waits for the next request of a busy connection in poll(2) instead of going through epoll and the thread pool, which cost a client that
/// asks one thing at a time as much as the answer itself. One connection of the process at a time may, and for a millisecond at most, so that
/// the thread it holds is not missed by the others.
/// </summary>
internal static class HotSocket
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(1);
    private static int _waiting;

    /// <summary>Whether data came; false also when another connection waits here.</summary>
    public static bool AwaitBriefly(Socket? socket)
    {
        if (socket is null || Interlocked.CompareExchange(ref _waiting, 1, 0) != 0)
            return false;
        try
        {
            return socket.Poll(Patience, SelectMode.SelectRead);
        }
        catch (SocketException)
        {
            // A broken socket says so to the read that follows.
            return false;
        }
        finally
        {
            Volatile.Write(ref _waiting, 0);
        }
    }
}
