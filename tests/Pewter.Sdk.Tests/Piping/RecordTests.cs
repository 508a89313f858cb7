using System.Text;
using Pewter.NineP;
using Pewter.Sdk.Piping;

namespace Pewter.Sdk.Tests.Piping;

public sealed class RecordTests
{
    [Theory]
    [InlineData("", 0xCBF29CE484222325)]
    [InlineData("a", 0xAF63DC4C8601EC8C)]
    [InlineData("foobar", 0x85944171F73967E8)]
    public void The_hash_is_fnv_1a(string text, ulong hash) => Assert.Equal(hash, RecordHash.Of(Encoding.ASCII.GetBytes(text)));

    [Theory]
    [InlineData("a b c\n", null, "a b c")]
    [InlineData("a b c\n", 1, "a")]
    [InlineData("  a \t b c\n", 2, "b")]
    [InlineData("a b c", 3, "c")]
    [InlineData("a b c\n", 4, "")]
    [InlineData("\n", 1, "")]
    public void The_key_is_a_field_or_the_whole_record(string record, int? field, string key) =>
        Assert.Equal(RecordHash.Of(Encoding.ASCII.GetBytes(key)), RecordHash.Of(Encoding.ASCII.GetBytes(record), field));

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(1000)]
    public void Lines_come_out_as_they_went_in_however_they_were_cut(int piece)
    {
        var random = new Random(piece);
        var text = string.Concat(Enumerable.Range(0, 2000).Select(i => new string('x', random.Next(200)) + (i % 7 == 0 ? "ü" : "") + "\n")) + "end";
        var bytes = Encoding.UTF8.GetBytes(text);
        var framer = new RecordFramer();
        var lines = new List<string>();
        for (var at = 0; at <= bytes.Length;)
        {
            var count = Math.Min(Math.Min(piece, framer.Room(piece).Length), bytes.Length - at);
            bytes.AsSpan(at, count).CopyTo(framer.Room(piece).Span);
            framer.Filled(count);
            while (framer.TryTake(count == 0, out var record))
            {
                lines.Add(Encoding.UTF8.GetString(record.Span));
            }

            at += Math.Max(1, count);
        }

        while (framer.TryTake(true, out var rest))
        {
            lines.Add(Encoding.UTF8.GetString(rest.Span));
        }

        Assert.Equal(text.Split('\n').Select((line, i) => i < 2000 ? line + "\n" : line), lines);
    }

    [Fact]
    public async Task Whole_records_arrive_each_once_in_the_order_of_their_source()
    {
        const int Records = 20_000;
        var texts = Enumerable.Range(0, 3).Select(s => string.Concat(Enumerable.Range(0, Records).Select(i => $"{s} {i}\n")));
        var sources = texts.Select(text => new MemoryStream(Encoding.ASCII.GetBytes(text))).ToArray();
        var targets = Enumerable.Range(0, 4).Select(_ => new MemoryStream()).ToArray();
        var counters = new EdgeCounters(4);
        await RecordRouter.RunAsync(new PlannedEdge(PipeKind.Hash, 3, 4, 2), counters, sources, targets, TestContext.Current.CancellationToken);
        var lines = targets.Select(target => Encoding.ASCII.GetString(target.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries)).ToArray();
        Assert.Equal(3 * Records, lines.Sum(lane => lane.Length));
        Assert.Equal(lines.Select(lane => (long)lane.Length), counters.RecordsByLane);
        for (var lane = 0; lane < 4; lane++)
        {
            Assert.All(lines[lane], line => Assert.Equal((ulong)lane, RecordHash.Of(Encoding.ASCII.GetBytes(line.Split(' ')[1])) % 4));
            foreach (var source in lines[lane].GroupBy(line => line[0]))
            {
                var numbers = source.Select(line => int.Parse(line.Split(' ')[1])).ToList();
                Assert.Equal(numbers.Order(), numbers);
            }
        }
    }

    [Fact]
    public async Task When_nobody_reads_any_more_the_sources_are_left()
    {
        var endless = new EndlessStream();
        await RecordRouter.RunAsync(
            new PlannedEdge(PipeKind.FanOut, 1, 2, null),
            new EdgeCounters(2),
            [endless],
            [new BrokenStream(), new BrokenStream()],
            TestContext.Current.CancellationToken);
        Assert.True(endless.Reads > 0);
    }

    [Fact]
    public void A_line_without_end_is_refused()
    {
        var framer = new RecordFramer();
        Assert.Throws<FileException>(Fill);

        void Fill()
        {
            while (true)
            {
                framer.Filled(framer.Room(1 << 20).Length);
                Assert.False(framer.TryTake(false, out _));
            }
        }
    }

    private sealed class EndlessStream : MemoryStream
    {
        public int Reads { get; private set; }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Reads++;
            buffer.Span.Fill((byte)'\n');
            return new(buffer.Length);
        }
    }

    private sealed class BrokenStream : MemoryStream
    {
        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            throw new FileException(Errno.EPIPE, "Closed.");
    }
}
