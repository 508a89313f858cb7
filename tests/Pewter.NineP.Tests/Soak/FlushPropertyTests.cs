using System.Buffers.Binary;
using Pewter.NineP.Client;
using Pewter.NineP.Serving;
using Pewter.NineP.Tests.Sample;

namespace Pewter.NineP.Tests.Soak;

/// <summary>
/// Strategy: a writer pushes numbers into a stream at random moments while readers read it and are cancelled at random moments. Invariant: the
/// readers together have received every number once, in order for each of them.
/// </summary>
[Trait("Category", "Soak")]
public sealed class FlushPropertyTests
{
    [Theory, InlineData(1, 1), InlineData(2, 1), InlineData(3, 4), InlineData(4, 16)]
    public async Task Random_cancellations_of_blocked_reads_lose_and_double_no_byte(int seed, int readers)
    {
        var total = (int)Scale.Of(200_000, 3_000);
        await using var server = new SampleServer();
        await using var client = await server.ConnectClientAsync();
        await using var root = await client.AttachAsync("alice", "root");
        var writing = Task.Run(() => WriteAsync(server.Tree.Stream, total, new Random(seed)));
        var reading = Enumerable.Range(0, readers).Select(i => Task.Run(() => ReadAsync(root, new Random(seed * 100 + i)))).ToArray();

        await writing;
        var received = await Task.WhenAll(reading).WaitAsync(TimeSpan.FromMinutes(5));

        Assert.All(received, result => Assert.Equal(result.Numbers.Order(), result.Numbers));
        Assert.Equal(Enumerable.Range(0, total), received.SelectMany(result => result.Numbers).Order());
        Assert.True(received.Sum(result => result.Cancelled) > total / 100, "hardly anything was cancelled");
    }

    private static async Task WriteAsync(SampleStream stream, int total, Random random)
    {
        var bytes = new byte[4 * 8];
        for (var next = 0; next < total;)
        {
            var count = Math.Min(random.Next(1, 8), total - next);
            for (var i = 0; i < count; i++)
                BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4 * i), next++);
            stream.Push(bytes.AsSpan(0, 4 * count));
            while (stream.Buffered > 64)
                await Task.Delay(1);
            for (var spin = random.Next(20); spin > 0; spin--)
                await Task.Yield();
        }

        stream.End();
    }

    private static async Task<(List<int> Numbers, int Cancelled)> ReadAsync(NineFile root, Random random)
    {
        await using var stream = await root.OpenPathAsync("stream", OpenFlags.ReadOnly);
        var numbers = new List<int>();
        var cancelled = 0;
        var buffer = new byte[16];
        while (true)
        {
            using var cancel = new CancellationTokenSource();
            var read = stream.ReadAsync(0, buffer, cancel.Token).AsTask();
            for (var spin = random.Next(6); spin > 0; spin--)
                await Task.Yield();
            if (random.Next(2) == 0)
                await cancel.CancelAsync();
            try
            {
                var count = await read;
                if (count == 0)
                    return (numbers, cancelled);
                for (var i = 0; i < count; i += 4)
                    numbers.Add(BinaryPrimitives.ReadInt32LittleEndian(buffer.AsSpan(i)));
            }
            catch (OperationCanceledException)
            {
                cancelled++;
            }
        }
    }
}
