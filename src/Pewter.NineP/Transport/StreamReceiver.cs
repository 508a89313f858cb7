using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace Pewter.NineP.Transport;

/// <summary>
/// A pipe reader that receives into one contiguous buffer, so that a frame is hardly ever in two pieces. It grows only while a frame does not
/// fit, which the parser bounds. One read at a time.
/// </summary>
internal sealed class StreamReceiver(Stream stream, Socket? socket) : PipeReader, IDisposable
{
    // A full pipeline of small requests; all that an idle connection keeps, of which there may be thousands.
    private const int SmallSize = 4 * 1024;

    // A 64 KiB write in one receive, for a connection that has filled the small buffer.
    private const int LargeSize = 80 * 1024;

    // Asking the kernel for less is not worth a system call.
    private const int LeastRoom = 1024;

    private readonly Lock _gate = new();
    private byte[] _buffer = [];
    private int _start;
    private int _end;
    private int _lastCount;
    private bool _unexamined;
    private bool _ended;
    private bool _cancelled;
    private CancellationTokenSource _cancel = new();

    public override bool TryRead(out ReadResult result)
    {
        var cancelled = TakeCancelled();
        if (cancelled || _ended || _unexamined)
        {
            result = Result(cancelled);
            return true;
        }

        result = default;
        return false;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (TryRead(out var ready))
            return ready;
        await using var stop = cancellationToken.CanBeCanceled ? cancellationToken.Register(CancelPendingRead) : default;
        try
        {
            MakeRoom(isBusy: HotSocket.AwaitBriefly(socket));
            var count = await ReceiveAsync();
            _end += count;
            _lastCount = count;
            _ended = count == 0;
            return Result(cancelled: false);
        }
        catch (OperationCanceledException)
        {
            TakeCancelled();
            cancellationToken.ThrowIfCancellationRequested();
            return Result(cancelled: true);
        }
        catch (ObjectDisposedException closed)
        {
            throw new IOException("The transport was closed.", closed);
        }
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        _start = consumed.GetInteger();
        _unexamined = examined.GetInteger() < _end;
        if (_start == _end)
            _start = _end = 0;
    }

    public override void CancelPendingRead()
    {
        lock (_gate)
        {
            _cancelled = true;
            _cancel.Cancel();
        }
    }

    public override void Complete(Exception? exception = null)
    {
        ReturnBuffer();
        _ended = true;
    }

    public void Dispose() => _cancel.Dispose();

    private ValueTask<int> ReceiveAsync() => stream.ReadAsync(_buffer.AsMemory(_end), _cancel.Token);

    private ReadResult Result(bool cancelled) =>
        new(new ReadOnlySequence<byte>(_buffer, _start, _end - _start), cancelled, _ended);

    private bool TakeCancelled()
    {
        lock (_gate)
        {
            if (!_cancelled)
                return false;
            _cancelled = false;
            _cancel = new CancellationTokenSource();
            return true;
        }
    }

    private void MakeRoom(bool isBusy)
    {
        var wanted = _lastCount >= SmallSize ? LargeSize : SmallSize;
        if (_end == 0 && (_buffer.Length < wanted || (!isBusy && _buffer.Length > 4 * wanted)))
            ReturnBuffer();
        if (_buffer.Length == 0)
            _buffer = ArrayPool<byte>.Shared.Rent(wanted);
        if (_buffer.Length - _end >= LeastRoom)
            return;
        if (_buffer.Length - (_end - _start) < LeastRoom)
            Grow();
        else
            Move(_buffer);
    }

    private void ReturnBuffer()
    {
        if (_buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        _start = _end = 0;
    }

    private void Grow()
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(LargeSize, _buffer.Length * 2));
        var old = _buffer;
        Move(larger);
        ArrayPool<byte>.Shared.Return(old);
    }

    private void Move(byte[] to)
    {
        _buffer.AsSpan(_start.._end).CopyTo(to);
        (_buffer, _start, _end) = (to, 0, _end - _start);
    }
}
