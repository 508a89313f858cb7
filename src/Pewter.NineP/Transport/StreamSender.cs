using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace Pewter.NineP.Transport;

/// <summary>
/// A pipe writer that gathers what is written into one buffer and sends it whole on a flush. Only a reply too large for the room left makes a
/// second buffer. One writer at a time.
/// </summary>
internal sealed class StreamSender(Stream stream) : PipeWriter, IDisposable
{
    // Holds a batch up to the sender's early flush and a reply of 64 KiB behind it.
    private const int BufferSize = 256 * 1024;

    private readonly Lock _gate = new();
    private readonly List<(byte[] Bytes, int Length)> _full = [];
    private byte[] _buffer = [];
    private int _length;
    private bool _completed;
    private CancellationTokenSource _cancel = new();

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => _length + _full.Sum(chunk => (long)chunk.Length);

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        MakeRoom(Math.Max(1, sizeHint));
        return _buffer.AsMemory(_length);
    }

    public override Span<byte> GetSpan(int sizeHint = 0)
    {
        MakeRoom(Math.Max(1, sizeHint));
        return _buffer.AsSpan(_length);
    }

    public override void Advance(int bytes) => _length += bytes;

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        await using var stop = cancellationToken.CanBeCanceled ? cancellationToken.Register(CancelPendingFlush) : default;
        try
        {
            foreach (var (bytes, length) in _full)
                await stream.WriteAsync(bytes.AsMemory(0, length), _cancel.Token);
            ReturnFull();
            if (_length > 0)
                await stream.WriteAsync(_buffer.AsMemory(0, _length), _cancel.Token);
            ReturnBuffer();
            return new FlushResult(isCanceled: false, isCompleted: _completed);
        }
        catch (OperationCanceledException)
        {
            Renew();
            cancellationToken.ThrowIfCancellationRequested();
            return new FlushResult(isCanceled: true, isCompleted: _completed);
        }
        catch (ObjectDisposedException closed)
        {
            throw new IOException("The transport was closed.", closed);
        }
    }

    public override void CancelPendingFlush()
    {
        lock (_gate)
            _cancel.Cancel();
    }

    /// <summary>Lets go of the buffers; whoever completes has flushed before.</summary>
    public override void Complete(Exception? exception = null)
    {
        _completed = true;
        ReturnFull();
        ReturnBuffer();
    }

    public void Dispose() => _cancel.Dispose();

    private void MakeRoom(int size)
    {
        if (_buffer.Length - _length >= size)
            return;
        if (_length > 0)
            _full.Add((_buffer, _length));
        else if (_buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = ArrayPool<byte>.Shared.Rent(Math.Max(BufferSize, size));
        _length = 0;
    }

    /// <summary>An idle connection keeps no buffer; the pool hands the same one back to the next batch.</summary>
    private void ReturnBuffer()
    {
        if (_buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        _length = 0;
    }

    private void ReturnFull()
    {
        foreach (var (bytes, _) in _full)
            ArrayPool<byte>.Shared.Return(bytes);
        _full.Clear();
    }

    private void Renew()
    {
        lock (_gate)
            _cancel = new CancellationTokenSource();
    }
}
