using System.Buffers.Binary;
using System.Net.Security;
using Pewter.Hosting;

namespace Pewter.Machines.Nodes.Splices;

/// <summary>
/// The encrypted connection of one splice between two machines, in frames: a letter, a length of 32 bits, and so many bytes. Each end says
/// something twice a second at least; one that hears nothing for 1.5 s closes it. Owns the stream. Sends may come from any task, one reads.
/// </summary>
/// <remarks>
/// <c>D</c> bytes of the program; <c>E</c> there are no more; <c>K</c> a count of 64 bits: so many more may be sent; <c>M</c> a word of one
/// agent to the other (see the agent's SpliceChannel); <c>P</c> nothing, a sign of life. Since no more is sent than was allowed, whoever reads
/// never has to stop, and silence is silence, however slow the programs are.
/// </remarks>
internal sealed class SpliceWire : IAsyncDisposable
{
    public const byte Data = (byte)'D';
    public const byte End = (byte)'E';
    public const byte Credit = (byte)'K';
    public const byte Word = (byte)'M';
    private const byte Beat = (byte)'P';

    /// <summary>Bytes before the content.</summary>
    public const int HeaderBytes = 5;

    private readonly SslStream _stream;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _sending = new(1, 1);
    private readonly CancellationTokenSource _over;
    private readonly SilenceWatch _silence;
    private readonly byte[] _header = new byte[HeaderBytes];
    private readonly Task _beating;
    private int _disposed;

    /// <param name="stream">The connection after the handshake.</param>
    /// <param name="time">The clock.</param>
    /// <param name="stop">Ends it.</param>
    public SpliceWire(SslStream stream, TimeProvider time, CancellationToken stop)
    {
        (_stream, _time) = (stream, time);
        _over = CancellationTokenSource.CreateLinkedTokenSource(stop);
        _silence = new SilenceWatch(time);
        _beating = BeatAsync();
    }

    /// <summary>Sends a frame whose content stands behind room for its header.</summary>
    /// <param name="letter">What it is.</param>
    /// <param name="frame">The room and the content.</param>
    public async ValueTask SendAsync(byte letter, Memory<byte> frame)
    {
        frame.Span[0] = letter;
        BinaryPrimitives.WriteInt32LittleEndian(frame.Span[1..], frame.Length - HeaderBytes);
        await _sending.WaitAsync(_over.Token);
        try
        {
            await _stream.WriteAsync(frame, _over.Token);
        }
        finally
        {
            _sending.Release();
        }
    }

    /// <summary>Sends a small content.</summary>
    public ValueTask SendAsync(byte letter, ReadOnlySpan<byte> content)
    {
        var frame = new byte[HeaderBytes + content.Length];
        content.CopyTo(frame.AsSpan(HeaderBytes));
        return SendAsync(letter, frame.AsMemory());
    }

    /// <summary>Says that so many more bytes may be sent.</summary>
    public ValueTask AllowAsync(long count)
    {
        Span<byte> content = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(content, count);
        return SendAsync(Credit, content);
    }

    /// <summary>Reads the next frame that says something into a buffer of <see cref="SpliceLimits.Piece"/>; null at the end.</summary>
    /// <exception cref="IOException">The connection broke, or what came is no frame.</exception>
    public async ValueTask<(byte Letter, int Count)?> ReadAsync(Memory<byte> buffer)
    {
        while (true)
        {
            var first = await _stream.ReadAtLeastAsync(_header, HeaderBytes, throwOnEndOfStream: false, _over.Token);
            if (first == 0)
            {
                return null;
            }

            var count = BinaryPrimitives.ReadInt32LittleEndian(_header.AsSpan(1));
            if (first < HeaderBytes || count < 0 || count > buffer.Length)
            {
                throw new IOException("What comes from the other machine is no splice.");
            }

            _silence.Note();
            await _stream.ReadExactlyAsync(buffer[..count], _over.Token);
            _silence.Note();
            if (_header[0] != Beat)
            {
                return (_header[0], count);
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            await _over.CancelAsync();
            await _beating;
            await _stream.DisposeAsync();
            _over.Dispose();
        }
    }

    private async Task BeatAsync()
    {
        // Not within the constructor: the first beat may wait.
        await Task.Yield();
        using var ticks = new PeriodicTimer(SilenceWatch.Slice, _time);
        var sinceBeat = TimeSpan.Zero;
        try
        {
            while (await ticks.WaitForNextTickAsync(_over.Token))
            {
                sinceBeat += SilenceWatch.Slice;
                if (_silence.Pass() > SpliceLimits.Silence)
                {
                    // Whoever reads or sends fails now; who owns this closes it.
                    await _over.CancelAsync();
                }
                else if (sinceBeat >= SpliceLimits.Beat && _sending.CurrentCount > 0)
                {
                    // Somebody who is sending is a sign of life himself.
                    sinceBeat = TimeSpan.Zero;
                    await SendAsync(Beat, default(ReadOnlySpan<byte>));
                }
            }
        }
        catch (Exception over) when (over is OperationCanceledException or IOException or ObjectDisposedException)
        {
            // The connection is over, which its reader finds too.
        }
    }
}
