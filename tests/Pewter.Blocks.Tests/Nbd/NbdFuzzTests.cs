using System.Buffers.Binary;
using System.Net.Sockets;
using Pewter.Blocks.Nbd;
using Pewter.Blocks.Tests.Layers;

namespace Pewter.Blocks.Tests.Nbd;

/// <summary>Hostile clients: each may lose its own connection and nothing else.</summary>
public sealed class NbdFuzzTests
{
    [Fact]
    public async Task Malformed_negotiations_and_requests_end_that_session_only()
    {
        var limits = new NbdLimits { Negotiation = TimeSpan.FromSeconds(2) };
        await using ServedStore s = await ServedStore.StartAsync(new NbdServerOptions { Limits = limits });
        await using var good = new RawNbdClient(s.Socket);
        BlockDevice device = await s.ExportNewAsync("web", 1 << 20);
        byte[] content = Bytes.Of(1, 65536);
        await device.WriteAsync(0, content);
        good.Negotiate("web");
        int rounds = Environment.GetEnvironmentVariable("PEWTER_SOAK") == "full" ? 200_000 : 1500;
        for (int seed = 0; seed < rounds; seed++)
        {
            Attack(s.Socket, new Random(seed));
            if (seed % 100 == 0)
                Assert.Equal(content, good.Read(0, content.Length));
        }

        Assert.Equal(content, good.Read(0, content.Length));
        for (int i = 0; i < 500 && s.Server.ConnectionCount > 1; i++)
            await Task.Delay(10);
        Assert.Equal(1, s.Server.ConnectionCount);
    }

    [Fact]
    public async Task A_silent_client_is_sent_away()
    {
        var limits = new NbdLimits { Negotiation = TimeSpan.FromMilliseconds(200) };
        await using ServedStore s = await ServedStore.StartAsync(new NbdServerOptions { Limits = limits });
        await using var silent = new RawNbdClient(s.Socket);
        for (int i = 0; i < 500 && s.Server.ConnectionCount > 0; i++)
            await Task.Delay(10);
        Assert.Equal(0, s.Server.ConnectionCount);
    }

    // A valid conversation, bent somewhere.
    private static void Attack(string socket, Random random)
    {
        using var client = new RawNbdClient(socket);
        try
        {
            int what = random.Next(4);
            if (what == 0)
            {
                client.Send(Mutate(Options(random), random));
                return;
            }

            client.Negotiate("web");
            for (int i = 0; i < random.Next(1, 8); i++)
                client.Send(what == 1 ? Mutate(Request(random), random) : Request(random));
            client.TryReceive(random.Next(1 << 12));
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            // Cut off, as it should be.
        }
    }

    private static byte[] Options(Random random)
    {
        var bytes = new List<byte> { 0, 0, 0, (byte)random.Next(4) };
        for (int i = 0; i < random.Next(1, 5); i++)
        {
            byte[] data = Bytes.Of(random.Next(), random.Next(40));
            if (random.Next(2) == 0)
                data = [0, 0, 0, 3, .. "web"u8, 0, (byte)random.Next(3), .. data];
            var head = new byte[16];
            BinaryPrimitives.WriteUInt64BigEndian(head, 0x49484156454F5054);
            BinaryPrimitives.WriteInt32BigEndian(head.AsSpan(8), random.Next(0, 12));
            BinaryPrimitives.WriteInt32BigEndian(head.AsSpan(12), random.Next(5) == 0 ? random.Next() : data.Length);
            bytes.AddRange(head);
            bytes.AddRange(data);
        }

        return [.. bytes];
    }

    private static byte[] Request(Random random)
    {
        var head = new byte[28];
        BinaryPrimitives.WriteUInt32BigEndian(head, 0x25609513);
        BinaryPrimitives.WriteUInt16BigEndian(head.AsSpan(4), (ushort)random.Next(random.Next(2) == 0 ? 1 : 65536));
        ushort command = (ushort)random.Next(0, 9);
        // Nothing may change what the good client reads back: writes and zeroes go beyond its part.
        bool changes = command is 1 or 4 or 6;
        BinaryPrimitives.WriteUInt16BigEndian(head.AsSpan(6), command);
        BinaryPrimitives.WriteUInt64BigEndian(head.AsSpan(8), (ulong)random.NextInt64());
        long offset = changes ? 65536 + random.Next(2 << 20) : random.Next(4) == 0 ? random.NextInt64() : random.Next(1 << 20);
        BinaryPrimitives.WriteInt64BigEndian(head.AsSpan(16), offset);
        int length = random.Next(3) == 0 ? random.Next() : random.Next(20000);
        BinaryPrimitives.WriteInt32BigEndian(head.AsSpan(24), length);
        return command == 1 ? [.. head, .. new byte[Math.Min(length, 20000)]] : head;
    }

    private static byte[] Mutate(byte[] bytes, Random random)
    {
        // The first request's magic, flags, command and offset stay, so that a bent write cannot reach the good client's data.
        for (int i = 0; i < random.Next(1, 6); i++)
            bytes[random.Next(2) == 0 ? random.Next(4) : Math.Min(bytes.Length - 1, 24 + random.Next(Math.Max(1, bytes.Length - 24)))] = (byte)random.Next(256);
        return bytes[..random.Next(1, bytes.Length + 1)];
    }
}
