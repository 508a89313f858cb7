using System.Diagnostics;

namespace Pewter.Mail.Benchmarks;

/// <summary>Within one process: a thread that sends, a thread that receives.</summary>
internal static class LocalLoad
{
    internal static (double PerSecond, double AllocatedBytes) MessagesPerSecond(TimeSpan turn)
    {
        var office = new PostOffice();
        var (sender, box) = (office.Open(), office.Open(new MailboxOptions { Overflow = OverflowPolicy.Block, CapacityBytes = 1 << 20 }));
        var received = 0L;
        var receiver = new Thread(() =>
        {
            while (true)
            {
                box.Receive(out var message);
                if (message.Body.IsEmpty)
                    return;
                received++;
            }
        });
        receiver.Start();
        var body = new byte[64];
        Send(sender, box.Address, body, turn / 4);
        var before = GC.GetTotalAllocatedBytes();
        var start = Stopwatch.GetTimestamp();
        var count = Send(sender, box.Address, body, turn);
        sender.Send(box.Address, default);
        receiver.Join();
        return (count / Stopwatch.GetElapsedTime(start).TotalSeconds, (GC.GetTotalAllocatedBytes() - before) / (double)count);
    }

    /// <summary>The bytes that copying a megabyte moves in a second.</summary>
    internal static double CopyBytesPerSecond(int bytes, TimeSpan turn)
    {
        var (from, to) = (new byte[bytes], new byte[bytes]);
        var (count, start) = (0L, Stopwatch.GetTimestamp());
        for (; Stopwatch.GetElapsedTime(start) < turn; count++)
            from.CopyTo(to.AsSpan());
        return count * (double)bytes / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static long Send(Mailbox box, PortAddress to, byte[] body, TimeSpan turn)
    {
        var (count, start) = (0L, Stopwatch.GetTimestamp());
        for (; (count & 63) != 0 || Stopwatch.GetElapsedTime(start) < turn; count++)
            box.Send(to, body);
        return count;
    }
}
