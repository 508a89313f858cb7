using System.Buffers;
using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Threading.Tasks.Sources;

namespace Pewter.Blocks.Rbd.Native;

/// <summary>
/// One asynchronous request to librbd, reused: it keeps the buffer pinned until librbd calls back, and resumes its
/// awaiter on the thread pool, as librbd's own thread must not be held. A request cannot be taken back, so it has no
/// cancellation: its buffer is in use until it ends.
/// </summary>
internal sealed class RbdOperation : IValueTaskSource<long>
{
    private static readonly ConcurrentBag<RbdOperation> Free = [];

    private readonly GCHandle _self;
    private ManualResetValueTaskSourceCore<long> _source = new() { RunContinuationsAsynchronously = true };
    private MemoryHandle _pin;

    private RbdOperation() => _self = GCHandle.Alloc(this);

    /// <summary>Starts a request on a buffer; <paramref name="start"/> gives librbd's return value.</summary>
    public static unsafe ValueTask<long> RunAsync<TState>(ReadOnlyMemory<byte> buffer, TState state, Start<TState> start)
    {
        RbdOperation operation = Free.TryTake(out RbdOperation? free) ? free : new RbdOperation();
        operation._source.Reset();
        operation._pin = buffer.Pin();
        int result = Librbd.CreateCompletion(GCHandle.ToIntPtr(operation._self), &OnDone, out nint completion);
        var task = new ValueTask<long>(operation, operation._source.Version);
        if (result >= 0)
        {
            result = start(state, (byte*)operation._pin.Pointer, (nuint)buffer.Length, completion);
            if (result < 0)
                Librbd.Release(completion);
        }
        if (result < 0)
            operation.Complete(result);
        return task;
    }

    public unsafe delegate int Start<in TState>(TState state, byte* buffer, nuint length, nint completion);

    public long GetResult(short token)
    {
        long result = _source.GetResult(token);
        Free.Add(this);
        return result;
    }

    public ValueTaskSourceStatus GetStatus(short token) => _source.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);

    [UnmanagedCallersOnly]
    private static void OnDone(nint completion, nint argument)
    {
        long result = Librbd.GetResult(completion);
        Librbd.Release(completion);
        ((RbdOperation)GCHandle.FromIntPtr(argument).Target!).Complete(result);
    }

    private void Complete(long result)
    {
        _pin.Dispose();
        _source.SetResult(result);
    }
}
