using System.IO.Pipelines;
using System.Text;
using Pewter.NineP.Transport;

namespace Pewter.NineP.Tests.Transport;

/// <summary>Sessions over a line that knows no connections, as a virtio-serial port is one.</summary>
public sealed class PortStreamTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    private readonly Pipe _down = new();
    private readonly Pipe _up = new();

    [Fact]
    public async Task Every_byte_passes_both_ways_however_the_line_cuts_them()
    {
        var content = new byte[100_000];
        new Random(7).NextBytes(content);
        content.AsSpan(1000, 3000).Fill(0xFF);
        var (host, guest) = await BeginAsync(Guest());
        var back = Task.Run(async () =>
        {
            var got = await ReadAsync(guest, content.Length);
            for (var at = 0; at < got.Length; at += 777)
                await guest.WriteAsync(got.AsMemory(at, Math.Min(777, got.Length - at)));
        });
        await host.WriteAsync(content);
        Assert.Equal(content, await ReadAsync(host, content.Length));
        await back.WaitAsync(Limit);
    }

    [Theory]
    [InlineData("half a message")]
    [InlineData("half an escape \xFF")]
    [InlineData("half a mark \xFF\x01" + "0123")]
    [InlineData("a whole mark of somebody else \xFF\x01" + "0123456789abcdef and his message")]
    [InlineData("half a mark, then a whole one \xFF\x01" + "012\xFF\x01" + "0123456789abcdef")]
    public async Task What_an_earlier_session_left_on_the_line_reaches_nobody(string left)
    {
        var stale = Encoding.Latin1.GetBytes(left);
        await _down.Writer.WriteAsync(stale);
        await _up.Writer.WriteAsync(stale);
        var listener = Guest();
        var serving = Task.Run(async () =>
        {
            // Sessions of others end at once; the last one answers.
            while (true)
            {
                var session = await listener.AcceptAsync(default);
                var buffer = new byte[100];
                for (var count = await session.ReadAsync(buffer); count > 0; count = await session.ReadAsync(buffer))
                    await session.WriteAsync(buffer.AsMemory(0, count));
            }
        });
        var host = await PortStream.BeginAsync(HostLine(), default).AsTask().WaitAsync(Limit);
        await host.WriteAsync("hello"u8.ToArray());
        Assert.Equal("hello"u8.ToArray(), await ReadAsync(host, 5));
        Assert.False(serving.IsCompleted);
    }

    [Fact]
    public async Task A_session_ends_when_the_next_begins_and_cannot_write_any_more()
    {
        var listener = Guest();
        var (_, first) = await BeginAsync(listener);
        var reading = first.ReadAsync(new byte[10]).AsTask();
        var next = PortStream.BeginAsync(HostLine(), default).AsTask();
        Assert.Equal(0, await reading.WaitAsync(Limit));
        var second = await listener.AcceptAsync(default).AsTask().WaitAsync(Limit);
        await Assert.ThrowsAsync<IOException>(async () => await first.WriteAsync("late"u8.ToArray()));
        await second.WriteAsync("now"u8.ToArray());
        Assert.Equal("now"u8.ToArray(), await ReadAsync(await next.WaitAsync(Limit), 3));
    }

    [Fact]
    public async Task A_read_that_was_given_up_loses_nothing()
    {
        var (host, guest) = await BeginAsync(Guest());
        using var stop = new CancellationTokenSource();
        var given = guest.ReadAsync(new byte[10], stop.Token).AsTask();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given);
        await host.WriteAsync("kept"u8.ToArray());
        Assert.Equal("kept"u8.ToArray(), await ReadAsync(guest, 4));
    }

    private PortListener Guest() => new(new Line(_down.Reader.AsStream(), _up.Writer.AsStream()), TimeProvider.System);

    private Line HostLine() => new(_up.Reader.AsStream(), _down.Writer.AsStream());

    private async Task<(PortStream Host, PortStream Guest)> BeginAsync(PortListener listener)
    {
        var accepting = listener.AcceptAsync(default).AsTask();
        var host = await PortStream.BeginAsync(HostLine(), default).AsTask().WaitAsync(Limit);
        return (host, await accepting.WaitAsync(Limit));
    }

    private static async Task<byte[]> ReadAsync(Stream stream, int length)
    {
        var bytes = new byte[length];
        await stream.ReadExactlyAsync(bytes).AsTask().WaitAsync(Limit);
        return bytes;
    }

    /// <summary>Two one-way streams as one line, which hands over what it has in pieces of an odd size.</summary>
    private sealed class Line(Stream input, Stream output) : Stream
    {
        private const int Piece = 61;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            input.ReadAsync(buffer[..Math.Min(Piece, buffer.Length)], cancellationToken);

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await output.WriteAsync(buffer, cancellationToken);
            await output.FlushAsync(cancellationToken);
        }

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
