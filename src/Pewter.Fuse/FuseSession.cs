using System.Buffers;
using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Pewter.Fuse.Protocol;
using Pewter.Linux.Fuse;
using Pewter.NineP;
using Pewter.NineP.Serving;

namespace Pewter.Fuse;

/// <summary>
/// The conversation with the kernel over one device: a thread reads requests in order, each is served on the thread pool, replies go out in
/// the order they are ready. Forgets and interrupts are done by the reading thread itself, so an interrupt always finds its request or
/// finds it answered.
/// </summary>
/// <remarks>
/// <code>
/// starting ── INIT ──▶ serving ── unmount, StopReading ──▶ draining ──▶ ended
///                       (in-flight requests are interrupted, awaited, then every open is released)
/// </code>
/// </remarks>
internal sealed class FuseSession
{
    /// <summary>The most bytes of one read or write: what the kernel grants by <c>FUSE_MAX_PAGES</c> (256 pages).</summary>
    public const int LargestTransfer = 1 << 20;

    private const uint Major = 7;
    private const uint OldestMinor = 31;
    private const uint NewestMinor = 38;
    private const int SmallReply = 512;
    private const int LinkReply = 4096;
    private readonly FuseDevice _device;
    private readonly FuseMountOptions _options;
    private readonly FuseDispatcher _dispatcher;
    private readonly ConcurrentDictionary<ulong, FuseRequest> _inFlight = new();
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Requests being served and one for the reading loop.
    private int _busy = 1;

    public FuseSession(FuseDevice device, ServedFile root, FuseMountOptions options) =>
        (_device, _options, _dispatcher) = (device, options, new FuseDispatcher(root, options));

    /// <summary>Done when the kernel has been answered its first request; failed when it speaks too old a protocol.</summary>
    public Task Ready => _ready.Task;

    public FuseDispatcher Dispatcher => _dispatcher;

    /// <summary>Serves until the mount is gone.</summary>
    public async Task RunAsync()
    {
        try
        {
            await Task.Factory.StartNew(
                ReadRequests, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
        finally
        {
            _ready.TrySetException(new IOException("The mount went away before the kernel began to talk."));
            foreach (var request in _inFlight.Values)
                request.Interrupt();
            Leave();
            await _drained.Task;
            await _dispatcher.Handles.ReleaseAllAsync();
        }
    }

    private void ReadRequests()
    {
        var buffer = new byte[LargestTransfer + 4096];
        int length;
        while ((length = _device.Read(buffer)) > 0)
        {
            var message = buffer.AsSpan(0, length);
            if (!MemoryMarshal.TryRead<FuseInHeader>(message, out var header) || header.Length != length)
                throw new IOException("The kernel sent a request whose length is not what it says.");
            Accept(header, message);
        }
    }

    private void Accept(in FuseInHeader header, ReadOnlySpan<byte> message)
    {
        var body = message[FuseInHeader.Size..];
        switch (header.Opcode)
        {
            case FuseOpcode.Init:
                Initialise(header, MemoryMarshal.Read<FuseInitIn>(body));
                break;
            case FuseOpcode.Forget:
                _dispatcher.Nodes.Forget(header.NodeId, MemoryMarshal.Read<ulong>(body));
                break;
            case FuseOpcode.BatchForget:
                foreach (var one in MemoryMarshal.Cast<byte, FuseForgetOne>(body[Unsafe.SizeOf<FuseBatchForgetIn>()..]))
                    _dispatcher.Nodes.Forget(one.NodeId, one.Lookups);
                break;
            case FuseOpcode.Interrupt:
                if (_inFlight.TryGetValue(MemoryMarshal.Read<ulong>(body), out var interrupted))
                    ThreadPool.UnsafeQueueUserWorkItem(static request => request.Interrupt(), interrupted, preferLocal: false);
                break;
            default:
                Begin(header, message);
                break;
        }
    }

    private void Initialise(in FuseInHeader header, in FuseInitIn offered)
    {
        if (offered.Major != Major || offered.Minor < OldestMinor)
        {
            var failure = $"The kernel speaks FUSE {offered.Major}.{offered.Minor}; {Major}.{OldestMinor} or newer is needed.";
            Reply(header.Unique, -(int)Errno.EPROTO, []);
            _ready.TrySetException(new IOException(failure));
            return;
        }

        var wanted = FuseInitFlags.AsyncRead | FuseInitFlags.AtomicTruncate | FuseInitFlags.BigWrites | FuseInitFlags.MaxPages
            | FuseInitFlags.ParallelDirectoryOperations;
        // Attributes that expire at once are not worth sending with a listing.
        if (_options.CacheFor > TimeSpan.Zero)
            wanted |= FuseInitFlags.ReadDirectoryPlus | FuseInitFlags.ReadDirectoryPlusAuto;
        var answer = new FuseInitOut
        {
            Major = Major,
            Minor = Math.Min(offered.Minor, NewestMinor),
            MaxReadahead = offered.MaxReadahead,
            Flags = wanted & offered.Flags,
            MaxBackground = 64,
            CongestionThreshold = 48,
            MaxWrite = LargestTransfer,
            TimeGranularity = 100,
            MaxPages = LargestTransfer / 4096,
        };
        Reply(header.Unique, 0, MemoryMarshal.AsBytes(new ReadOnlySpan<FuseInitOut>(in answer)));
        _ready.TrySetResult();
    }

    private void Begin(in FuseInHeader header, ReadOnlySpan<byte> message)
    {
        var copy = ArrayPool<byte>.Shared.Rent(message.Length);
        message.CopyTo(copy);
        var request = new FuseRequest(copy, message.Length, header);
        _inFlight[header.Unique] = request;
        Interlocked.Increment(ref _busy);
        ThreadPool.UnsafeQueueUserWorkItem(static state => _ = state.Session.ServeAsync(state.Request), (Session: this, Request: request), false);
    }

    /// <summary>Serves one request; never throws. Counted in <see cref="_busy"/>, which the end of the session waits for.</summary>
    private async Task ServeAsync(FuseRequest request)
    {
        var result = await AnswerAsync(request);
        // Out of the table first: the number may come again as soon as the reply is out.
        _inFlight.TryRemove(request.Header.Unique, out _);
        var taken = Send(request, result);
        if (result < 0 || !taken)
            await TakeBackAsync(request);
        ArrayPool<byte>.Shared.Return(request.TakeMessage());
        ArrayPool<byte>.Shared.Return(request.TakeReply());
        Leave();
    }

    private async ValueTask<int> AnswerAsync(FuseRequest request)
    {
        try
        {
            request.Reserve(ArrayPool<byte>.Shared.Rent(FuseOutHeader.Size + ReplySize(request)));
            request.Caller = _options.CallerOf(request.Header.Uid, request.Header.Gid);
            return await _dispatcher.DispatchAsync(request);
        }
        catch (FileException failure)
        {
            return -(int)failure.Errno;
        }
        catch (OperationCanceledException) when (request.Interrupted.IsCancellationRequested)
        {
            return -(int)Errno.EINTR;
        }
        catch (Exception bug)
        {
            // The edge of the request loop: one request fails, the mount lives.
            _options.OnFault?.Invoke(bug);
            return -(int)Errno.EIO;
        }
    }

    private bool Send(FuseRequest request, int result)
    {
        try
        {
            return _device.Write(request.Finish(result));
        }
        catch (IOException bug)
        {
            _options.OnFault?.Invoke(bug);
            return false;
        }
    }

    private async ValueTask TakeBackAsync(FuseRequest request)
    {
        if (request.GivenNode != 0)
            _dispatcher.Nodes.Forget(request.GivenNode, 1);
        if (request.GivenHandle != 0)
            await _dispatcher.Handles.ReleaseAsync(request.GivenHandle);
    }

    private static int ReplySize(FuseRequest request) => request.Header.Opcode switch
    {
        FuseOpcode.Read or FuseOpcode.ReadDirectory or FuseOpcode.ReadDirectoryPlus =>
            (int)Math.Min(request.Body<FuseTransferIn>().Size, LargestTransfer),
        FuseOpcode.ReadLink => LinkReply,
        _ => SmallReply,
    };

    private void Reply(ulong unique, int error, ReadOnlySpan<byte> payload)
    {
        Span<byte> message = stackalloc byte[FuseOutHeader.Size + payload.Length];
        var header = new FuseOutHeader { Length = (uint)message.Length, Error = error, Unique = unique };
        MemoryMarshal.Write(message, in header);
        payload.CopyTo(message[FuseOutHeader.Size..]);
        _device.Write(message);
    }

    private void Leave()
    {
        if (Interlocked.Decrement(ref _busy) == 0)
            _drained.TrySetResult();
    }
}
