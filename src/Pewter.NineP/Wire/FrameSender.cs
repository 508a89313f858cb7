using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace Pewter.NineP.Wire;

/// <summary>
/// The sending half of a connection. The output pipe has one owner at a time: the receive loop during a batch, or whoever drains. The
/// owner encodes straight into the pipe without a lock; everybody else appends to a side buffer under <see cref="Gate"/>, which the owner
/// sends before it lets go. So a batch of requests is answered by one flush, and a slow peer holds up only whoever flushes.
/// </summary>
/// <remarks>
/// States: free → owned (batch: encode, flush) → free; or free → owned (drain) → free. A release hands over to a waiting batch. Once the
/// peer is gone (<see cref="IsBroken"/>) everything is dropped. <see cref="Gate"/> is the connection's innermost lock: nothing else is
/// locked, and no file is called, under it.
/// </remarks>
internal sealed class FrameSender : IAsyncDisposable
{
    // A batch is flushed early at this size, so that the peer works on its first replies while the rest is made.
    private const int EarlyFlushBytes = 192 * 1024;

    private readonly PipeWriter _output;
    private readonly TimeSpan _stallTimeout;
    private readonly ITimer _stallTimer;
    private FrameBuffer _side = new();
    private FrameBuffer _sending = new();
    private bool _owned;
    private bool _encoding;
    private int _unflushed;
    private int _batchThread;
    private TaskCompletionSource? _waitingBatch;

    public FrameSender(PipeWriter output, TimeSpan stallTimeout, TimeProvider time)
    {
        _output = output;
        _stallTimeout = stallTimeout;
        _stallTimer = time.CreateTimer(
            static pipe => ((PipeWriter)pipe!).CancelPendingFlush(), output, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Guards the side buffer, and whatever must change in one step with what is appended to it.</summary>
    public Lock Gate { get; } = new();

    /// <summary>What the frames are encoded in.</summary>
    public Dialect Dialect { get; set; }

    /// <summary>Whether the peer is gone or did not take its replies in time.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>Whether it is broken because the peer did not take its replies in time.</summary>
    public bool IsStalled { get; private set; }

    /// <summary>Whether the caller is the batch's own thread.</summary>
    public bool IsBatchThread => _batchThread == Environment.CurrentManagedThreadId;

    /// <summary>
    /// Whether the caller is the batch's own thread, not in the middle of a frame, and may use <see cref="Write"/> and <see
    /// cref="Reserve"/>.
    /// </summary>
    public bool CanWrite => IsBatchThread && !_encoding;

    /// <summary>Whether the batch has grown so large that it should be flushed before it goes on.</summary>
    public bool WantsFlush => _unflushed > EarlyFlushBytes;

    /// <summary>Takes the output for a batch, waiting for a drain to end. Then <see cref="EnterBatch"/>.</summary>
    public ValueTask BeginBatchAsync()
    {
        lock (Gate)
        {
            if (_owned)
                return new((_waitingBatch = new(TaskCreationOptions.RunContinuationsAsynchronously)).Task);
            _owned = true;
            return default;
        }
    }

    /// <summary>Names the current thread the batch's own; until the next wait.</summary>
    public void EnterBatch() => _batchThread = Environment.CurrentManagedThreadId;

    /// <summary>Sends what the batch has so far; the output stays owned. Then <see cref="EnterBatch"/> again.</summary>
    public ValueTask FlushBatchAsync()
    {
        _batchThread = 0;
        return FlushAsync();
    }

    /// <summary>Sends the batch and what others appended meanwhile, and lets go of the output.</summary>
    public ValueTask EndBatchAsync()
    {
        _batchThread = 0;
        return DrainOwnedAsync();
    }

    /// <summary>Encodes a frame into the batch.</summary>
    public void Write<T>(ushort tag, scoped in T message)
        where T : struct, IMessage<T>, allows ref struct
    {
        var span = _output.GetSpan(Protocol.HeaderSize + message.Size);
        Advance(MessageWriter.WriteFrame(span, tag, message, Dialect));
    }

    /// <summary>Reserves room in the batch to be filled in place; ends with <see cref="Commit"/>, of 0 bytes to take it back.</summary>
    public Span<byte> Reserve(int size)
    {
        var span = _output.GetSpan(size);
        _encoding = true;
        return span[..size];
    }

    /// <summary>Ends <see cref="Reserve"/> with the bytes that were used.</summary>
    public void Commit(int count)
    {
        _encoding = false;
        if (count > 0)
            Advance(count);
    }

    /// <summary>
    /// Encodes a frame into the side buffer. The caller holds <see cref="Gate"/>, and calls <see cref="DrainAsync"/> when it has let go.
    /// </summary>
    public void Append<T>(ushort tag, scoped in T message)
        where T : struct, IMessage<T>, allows ref struct
    {
        if (IsBroken)
            return;
        var span = _side.GetSpan(Protocol.HeaderSize + message.Size);
        _side.Advance(MessageWriter.WriteFrame(span, tag, message, Dialect));
    }

    /// <summary>Sees to it that what was appended is sent: by the caller, or by the present owner.</summary>
    public ValueTask DrainAsync()
    {
        lock (Gate)
        {
            if (_owned || _side.Length == 0)
                return default;
            _owned = true;
        }

        return DrainOwnedAsync();
    }

    /// <summary>Drops everything from now on, and takes the output for good: when this returns, nobody writes to it any more.</summary>
    public ValueTask EndAsync()
    {
        IsBroken = true;
        _output.CancelPendingFlush();
        return BeginBatchAsync();
    }

    public ValueTask DisposeAsync() => _stallTimer.DisposeAsync();

    private void Advance(int count)
    {
        _output.Advance(count);
        _unflushed += count;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask DrainOwnedAsync()
    {
        while (TakeSideBuffer())
        {
            if (_sending.Length > 0 && !IsBroken)
                WriteSideBuffer();
            _sending.Clear();
            await FlushAsync();
        }
    }

    /// <summary>False when all is sent, and the output then is let go of.</summary>
    private bool TakeSideBuffer()
    {
        lock (Gate)
        {
            if (_side.Length > 0 || _unflushed > 0)
            {
                (_side, _sending) = (_sending, _side);
                return true;
            }

            _owned = _waitingBatch is not null;
            _waitingBatch?.SetResult();
            _waitingBatch = null;
            return false;
        }
    }

    private void WriteSideBuffer()
    {
        _sending.Written.CopyTo(_output.GetSpan(_sending.Length));
        Advance(_sending.Length);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask FlushAsync()
    {
        _unflushed = 0;
        if (IsBroken)
            return;
        try
        {
            var flush = _output.FlushAsync();
            var result = flush.IsCompleted ? flush.Result : await StalledFlushAsync(flush);
            IsStalled = result.IsCanceled;
            IsBroken |= result.IsCompleted || result.IsCanceled;
        }
        catch (IOException)
        {
            IsBroken = true;
        }
    }

    private async ValueTask<FlushResult> StalledFlushAsync(ValueTask<FlushResult> flush)
    {
        _stallTimer.Change(_stallTimeout, Timeout.InfiniteTimeSpan);
        try
        {
            return await flush;
        }
        finally
        {
            _stallTimer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }
}
