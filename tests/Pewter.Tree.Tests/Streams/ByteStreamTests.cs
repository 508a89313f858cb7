using System.Text;
using Pewter.NineP;

namespace Pewter.Tree.Tests;

public sealed class ByteStreamTests
{
    private static ByteStream Stream(WhenFull whenFull, int capacity = 16, IByteSpool? spool = null) =>
        new(new() { Capacity = capacity, WhenFull = whenFull, Spool = spool });

    private static byte[] Bytes(string text) => Encoding.ASCII.GetBytes(text);

    private static async Task<string> ReadAll(ByteCursor cursor)
    {
        var (text, buffer) = (new StringBuilder(), new byte[7]);
        while (await cursor.ReadAsync(buffer) is > 0 and var count)
        {
            text.Append(Encoding.ASCII.GetString(buffer, 0, count));
        }

        return text.ToString();
    }

    [Fact]
    public async Task Every_reader_gets_every_byte_and_the_end()
    {
        var stream = Stream(WhenFull.WaitForReaders);
        using var one = stream.Attach();
        using var two = stream.Attach();
        var (first, second) = (ReadAll(one), ReadAll(two));
        for (var i = 0; i < 100; i++)
        {
            await stream.WriteAsync(Bytes($"line {i}\n"));
        }

        stream.Complete();
        Assert.Equal(await first, await second);
        Assert.Equal(stream.Written, (await first).Length);
        Assert.Equal(0, stream.Dropped);
    }

    [Fact]
    public async Task A_late_reader_gets_what_is_kept()
    {
        var stream = Stream(WhenFull.WaitForReaders);
        await stream.WriteAsync(Bytes("0123456789abcdefghij"));
        stream.Complete();
        using var late = stream.Attach();
        Assert.Equal("456789abcdefghij", await ReadAll(late));
        Assert.Equal(4, stream.Dropped);
        using var again = stream.Attach();
        Assert.Equal("456789abcdefghij", await ReadAll(again));
    }

    [Fact]
    public async Task A_reader_may_start_with_what_comes()
    {
        var stream = Stream(WhenFull.DropOldest);
        await stream.WriteAsync(Bytes("old"));
        using var cursor = stream.Attach(fromStart: false);
        await stream.WriteAsync(Bytes("new"));
        stream.Complete();
        Assert.Equal("new", await ReadAll(cursor));
    }

    [Fact]
    public async Task A_pipe_waits_for_a_reader_even_before_there_is_one()
    {
        var stream = Stream(WhenFull.Wait);
        var write = stream.WriteAsync(new byte[40]).AsTask();
        Assert.False(write.IsCompleted);
        Assert.Equal(16, stream.Written);
        using var cursor = stream.Attach();
        var read = ReadAll(cursor);
        Assert.Equal(40, await write);
        stream.Complete();
        Assert.Equal(40, (await read).Length);
        Assert.Equal(0, stream.Dropped);
    }

    [Fact]
    public async Task The_slowest_reader_holds_the_writer_until_it_leaves()
    {
        var stream = Stream(WhenFull.WaitForReaders);
        var slow = stream.Attach();
        var write = stream.WriteAsync(new byte[40]).AsTask();
        Assert.False(write.IsCompleted);
        slow.Dispose();
        Assert.Equal(40, await write);
    }

    [Fact]
    public async Task A_log_never_waits_and_a_slow_reader_knows_what_it_lost()
    {
        var stream = Stream(WhenFull.DropOldest);
        using var slow = stream.Attach();
        await stream.WriteAsync(new byte[1000]);
        stream.Complete();
        Assert.Equal(16, (await ReadAll(slow)).Length);
        Assert.Equal(984, slow.Lost);
        Assert.Equal(984, stream.Dropped);
    }

    [Fact]
    public async Task A_cancelled_write_says_how_much_was_accepted_or_has_no_effect()
    {
        var stream = Stream(WhenFull.Wait);
        using var cancel = new CancellationTokenSource();
        var write = stream.WriteAsync(new byte[20], cancel.Token).AsTask();
        var behind = stream.WriteAsync(new byte[5], cancel.Token).AsTask();
        await cancel.CancelAsync();
        Assert.Equal(16, await write);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => behind);
        Assert.Equal(16, stream.Written);
    }

    [Fact]
    public async Task A_cancelled_read_consumes_nothing()
    {
        var stream = Stream(WhenFull.Wait);
        using var cursor = stream.Attach();
        using var cancel = new CancellationTokenSource();
        var read = cursor.ReadAsync(new byte[4], cancel.Token).AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
        await stream.WriteAsync(Bytes("abcd"));
        stream.Complete();
        Assert.Equal("abcd", await ReadAll(cursor));
    }

    [Fact]
    public async Task Writing_after_the_end_is_EPIPE_also_for_one_that_waits()
    {
        var stream = Stream(WhenFull.Wait);
        var write = stream.WriteAsync(new byte[40]).AsTask();
        stream.Complete();
        Assert.Equal(Errno.EPIPE, (await Assert.ThrowsAsync<FileException>(() => write)).Errno);
    }

    [Fact]
    public async Task Writes_of_many_writers_do_not_mix()
    {
        var stream = Stream(WhenFull.Wait, capacity: 64);
        using var cursor = stream.Attach();
        var read = ReadAll(cursor);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(writer => Task.Run(async () =>
        {
            for (var i = 0; i < 50; i++)
            {
                await stream.WriteAsync(Bytes(new string((char)('a' + writer), 99) + "\n"));
            }
        })));
        stream.Complete();
        var lines = (await read).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(400, lines.Length);
        Assert.All(lines, line => Assert.Equal(new string(line[0], 99), line));
    }

    [Fact]
    public async Task With_a_spool_a_late_reader_gets_everything()
    {
        var stream = Stream(WhenFull.WaitForReaders, spool: new MemorySpool());
        var text = string.Concat(Enumerable.Range(0, 100).Select(i => $"line {i}\n"));
        await stream.WriteAsync(Bytes(text));
        stream.Complete();
        using var late = stream.Attach();
        Assert.Equal(text, await ReadAll(late));
        Assert.Equal(0, stream.Dropped);
    }

    [Fact]
    public async Task The_window_is_kept_whatever_the_sizes_of_writes()
    {
        var random = new Random(3);
        for (var round = 0; round < 200; round++)
        {
            var (stream, all) = (Stream(WhenFull.DropOldest, capacity: 5000), new List<byte>());
            for (var i = 0; i < 20; i++)
            {
                var data = new byte[random.Next(1, round % 2 == 0 ? 900 : 9000)];
                random.NextBytes(data);
                all.AddRange(data);
                await stream.WriteAsync(data);
            }

            stream.Complete();
            using var cursor = stream.Attach();
            var (got, buffer) = (new List<byte>(), new byte[777]);
            while (cursor.TryRead(buffer) is > 0 and var count)
            {
                got.AddRange(buffer[..count]);
            }

            Assert.Equal(all.TakeLast(5000), got);
        }
    }

    private sealed class MemorySpool : IByteSpool
    {
        private readonly List<byte> _all = [];

        public long Start => 0;

        public void Append(ReadOnlySpan<byte> data) => _all.AddRange(data);

        public int Read(long position, Span<byte> buffer)
        {
            var count = Math.Min(buffer.Length, _all.Count - (int)position);
            _all.GetRange((int)position, count).ToArray().CopyTo(buffer);
            return count;
        }
    }
}
