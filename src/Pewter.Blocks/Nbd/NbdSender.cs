using System.Collections.Concurrent;

namespace Pewter.Blocks.Nbd;

/// <summary>
/// Sends answers of one connection, whole and one after another. The connection's thread sends its gathered answers; a request that had to wait
/// leaves its answer in the queue and sends it only if nobody else is sending, so a client that does not read holds one thread at most.
/// </summary>
internal sealed class NbdSender(NbdTransport transport)
{
    private readonly ConcurrentQueue<NbdLateReply> _late = new();
    private readonly object _sending = new();

    /// <summary>Sends with the lock held, so that what <paramref name="then"/> sends follows directly.</summary>
    public void Send(NbdReplyBuffer replies, NbdFileRange? then = null)
    {
        lock (_sending)
        {
            if (!replies.IsFlat)
                transport.Send(replies);
            else if (then is null)
                transport.Send(replies.Written);
            if (then is { } range)
                transport.SendWithFile(replies.IsFlat ? replies.Written : [], range);
            replies.Clear();
        }

        SendLate();
    }

    public void Post(NbdLateReply reply)
    {
        _late.Enqueue(reply);
        SendLate();
    }

    private void SendLate()
    {
        // After the lock is let go a reply may have come that its poster left to us: look again.
        while (!_late.IsEmpty && Monitor.TryEnter(_sending))
        {
            try
            {
                while (_late.TryDequeue(out NbdLateReply? reply))
                    SendOne(reply);
            }
            finally
            {
                Monitor.Exit(_sending);
            }
        }
    }

    private void SendOne(NbdLateReply reply)
    {
        try
        {
            transport.Send(reply.Bytes);
        }
        catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException or ObjectDisposedException)
        {
            transport.Shutdown();
        }
        finally
        {
            reply.Sent();
        }
    }
}
