using System.Diagnostics;
using Pewter.Linux;
using Pewter.Linux.Memory;

namespace Pewter.Mail.Benchmarks;

/// <summary>Two processes with a segment between them: whoever measures makes it, the peer opens it.</summary>
internal static class RingLoad
{
    private const ulong Node = 9;

    internal enum Wait
    {
        Blocking,
        Spinning,
        Adaptive,
    }

    internal static double RoundTripMicroseconds(Wait wait, TimeSpan turn)
    {
        using var memory = SharedMemory.Create("pewter-bench", RingLayout.SegmentBytes);
        using var peer = new Peer("ring-echo", wait, Environment.ProcessId, memory.Number());
        var office = Office(1, wait);
        Attach(office, 2, memory.Number(), 0);
        var box = office.Open();
        var to = PortOf(peer.Line());
        var body = new byte[64];
        var (count, start) = (0, Stopwatch.GetTimestamp());
        for (; count < 2000 || Stopwatch.GetElapsedTime(start) < turn; count++)
        {
            if (count == 1000)
                start = Stopwatch.GetTimestamp();
            box.TrySend(to, body);
            Receive(box, wait);
        }

        return Stopwatch.GetElapsedTime(start).TotalMicroseconds / (count - 1000);
    }

    internal static double MessagesPerSecond(Wait wait, int bytes, TimeSpan turn)
    {
        using var memory = SharedMemory.Create("pewter-bench", RingLayout.SegmentBytes);
        using var peer = new Peer("ring-count", wait, Environment.ProcessId, memory.Number());
        var office = Office(1, wait);
        Attach(office, 2, memory.Number(), 0);
        var box = office.Open();
        var to = PortOf(peer.Line());
        var body = new byte[bytes];
        Send(box, to, body, turn / 4);
        var start = Stopwatch.GetTimestamp();
        var count = Send(box, to, body, turn);
        box.Send(to, default);
        box.Receive(out _);
        return count / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    internal static void Echo(string[] words)
    {
        var wait = Enum.Parse<Wait>(words[1]);
        var box = Open(words, wait);
        var body = new byte[64];
        while (true)
        {
            var message = Receive(box, wait);
            message.Body.CopyTo(body);
            box.TrySend(message.From, body);
        }
    }

    internal static void Count(string[] words)
    {
        var wait = Enum.Parse<Wait>(words[1]);
        var box = Open(words, wait);
        while (true)
        {
            var message = Receive(box, wait);
            if (message.Body.IsEmpty)
                box.TrySend(message.From, default);
        }
    }

    private static long Send(Mailbox box, PortAddress to, byte[] body, TimeSpan turn)
    {
        var (count, start) = (0L, Stopwatch.GetTimestamp());
        for (; (count & 63) != 0 || Stopwatch.GetElapsedTime(start) < turn; count++)
            box.Send(to, body);
        return count;
    }

    private static MailMessage Receive(Mailbox box, Wait wait)
    {
        MailMessage message;
        if (wait != Wait.Spinning)
            box.Receive(out message);
        else
            while (!box.TryReceive(out message))
                Thread.SpinWait(1);
        return message;
    }

    private static Mailbox Open(string[] words, Wait wait)
    {
        var office = Office(2, wait);
        var descriptor = Descriptors.Open($"/proc/{words[2]}/fd/{words[3]}", 2);
        Attach(office, 1, descriptor, 1);
        var box = office.Open(new MailboxOptions { Overflow = OverflowPolicy.Block, CapacityBytes = 1 << 20 });
        Console.WriteLine(box.Address);
        new Thread(() => Environment.Exit(Console.In.ReadLine() is null ? 0 : 1)) { IsBackground = true }.Start();
        return box;
    }

    private static PostOffice Office(uint number, Wait wait) => new(new PostOfficeOptions
    {
        Node = Node, Office = number, Spin = wait == Wait.Blocking ? TimeSpan.Zero : TimeSpan.FromMicroseconds(50),
    });

    private static void Attach(PostOffice office, uint peer, int descriptor, int side) =>
        office.AddRing(new PortAddress(Node, peer, 0), new MemoryMap(descriptor, RingLayout.Parts(0)), side, null);

    private static PortAddress PortOf(string line) => PortAddress.TryParse(line, out var port) ? port : throw new FormatException(line);
}
