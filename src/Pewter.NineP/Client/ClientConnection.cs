using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Pewter.NineP.Wire;

namespace Pewter.NineP.Client;

/// <summary>
/// The client's end of a connection: tags, the receive loop and the end. Requests of many callers are in flight at once; each waits for its own
/// answer only. When the connection is lost every request fails with ENOLINK, and so does every later one.
/// </summary>
internal sealed class ClientConnection : IAsyncDisposable
{
    private readonly IDuplexPipe _transport;
    private readonly FrameSender _sender;
    private readonly FrameReader _frames = new();
    // Never disposed, because calls that fail with the connection still give their tags back; without a wait handle it holds nothing.
    private readonly SemaphoreSlim _free;
    private readonly Stack<PendingCall> _idle = new();
    private readonly PendingCall[] _calls;
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _receiving = Task.CompletedTask;
    private volatile FileException? _lost;
    private volatile bool _disposed;
    private bool _isDrainPlanned;

    public ClientConnection(IDuplexPipe transport, NineClientOptions options, TimeProvider time)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Requests, PendingCall.FlushBit);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MessageSize, Protocol.MinMessageSize);
        _transport = transport;
        _sender = new FrameSender(transport.Output, options.StallTimeout, time) { Dialect = options.Dialect };
        _frames.MessageSize = MessageSize = options.MessageSize;
        _free = new SemaphoreSlim(options.Requests);
        _calls = new PendingCall[options.Requests];
        for (var tag = options.Requests - 1; tag >= 0; tag--)
            _idle.Push(_calls[tag] = new PendingCall(this, (ushort)tag));
    }

    public Lock Gate => _sender.Gate;

    public Dialect Dialect => _sender.Dialect;

    public int MessageSize { get; private set; }

    public bool IsLost => _lost is not null;

    /// <summary>Ends when the connection is lost or closed; never fails.</summary>
    public Task Completion => _completion.Task;

    /// <summary>Agrees on a version, before the receive loop runs: the one exchange that has no tag.</summary>
    public async Task StartAsync(CancellationToken cancellation)
    {
        await AgreeAsync(cancellation);
        _receiving = ReceiveAsync();
    }

    /// <summary>Waits for a tag.</summary>
    public async ValueTask<PendingCall> EnterAsync(CancellationToken cancellation)
    {
        await _free.WaitAsync(cancellation);
        lock (Gate)
            return _idle.Pop();
    }

    public void Leave(PendingCall call)
    {
        lock (Gate)
            _idle.Push(call);
        _free.Release();
    }

    public void Append<T>(ushort tag, scoped in T message)
        where T : struct, IMessage<T>, allows ref struct => _sender.Append(tag, message);

    /// <summary>
    /// Sees to it that what was appended is sent. Where several requests are in flight the sending is put behind the work that is ready to
    /// run, so that callers woken by one receive share one send.
    /// </summary>
    public ValueTask DrainAsync()
    {
        bool isCrowded;
        lock (Gate)
        {
            if (_isDrainPlanned)
                return default;
            _isDrainPlanned = true;
            isCrowded = _calls.Length - _idle.Count > 1;
        }

        return SendAsync(isCrowded);
    }

    public void ThrowIfLost()
    {
        if (_lost is { } reason)
            throw new FileException(reason.Errno, reason.Message);
    }

    /// <summary>The server broke the protocol: the connection is given up.</summary>
    public FileException Distrust(string sentence)
    {
        _transport.Input.CancelPendingRead();
        return new FileException(Errno.EPROTO, sentence);
    }

    public async ValueTask DisposeAsync()
    {
        if (_disposed)
            return;
        _disposed = true;
        _transport.Input.CancelPendingRead();
        await _receiving;
        await _sender.DisposeAsync();
        _frames.Dispose();
    }

    /// <summary>Sends; a server that takes nothing for too long is given up.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask SendAsync(bool isCrowded)
    {
        if (isCrowded)
            await Task.Yield();
        lock (Gate)
            _isDrainPlanned = false;
        await _sender.DrainAsync();
        if (_sender.IsBroken)
            _transport.Input.CancelPendingRead();
    }

    private async Task AgreeAsync(CancellationToken cancellation)
    {
        var asked = Dialect == Dialect.NineP2000 ? Protocol.Version2000.ToArray() : Protocol.VersionL.ToArray();
        lock (Gate)
            Append(Protocol.NoTag, new Tversion { MessageSize = (uint)MessageSize, Version = asked });
        await DrainAsync();
        while (true)
        {
            var result = await _transport.Input.ReadAsync(cancellation);
            var buffer = result.Buffer;
            if (_frames.TryRead(ref buffer, out var frame))
            {
                Accept(frame);
                _transport.Input.AdvanceTo(buffer.Start);
                return;
            }

            _transport.Input.AdvanceTo(buffer.Start, buffer.End);
            if (result.IsCompleted)
                throw new FileException(Errno.ECONNRESET, "The server closed the connection before it agreed on a version.");
        }
    }

    private void Accept(in Frame frame)
    {
        var reader = new MessageReader(frame.Body.Span, Dialect);
        var answer = Rversion.Read(ref reader);
        if (frame.Type != MessageType.Rversion || !reader.IsComplete)
            throw new FileException(Errno.EPROTO, $"The server answered Tversion with {frame.Type}.");
        if (answer.MessageSize > MessageSize || answer.MessageSize < Protocol.MinMessageSize)
            throw new FileException(Errno.EPROTO, $"The server asked for messages of {answer.MessageSize} bytes.");
        if (answer.Version.SequenceEqual(Protocol.Version2000))
            _sender.Dialect = Dialect.NineP2000;
        else if (!answer.Version.SequenceEqual(Protocol.VersionL) || Dialect != Dialect.NineP2000L)
            throw new FileException(Errno.EPROTO, "The server speaks no version of 9P that this client knows.");
        _frames.MessageSize = MessageSize = (int)answer.MessageSize;
    }

    private async Task ReceiveAsync()
    {
        var reason = "The connection was closed.";
        try
        {
            reason = await ReceiveAllAsync();
        }
        catch (ProtocolException broken)
        {
            reason = $"The server broke the protocol: {broken.Message}";
        }
        catch (IOException gone)
        {
            reason = $"The connection to the server is lost: {gone.Message}";
        }
        finally
        {
            FailAll(new FileException(Errno.ENOLINK, reason));
            await _sender.EndAsync();
            await _transport.Output.CompleteAsync();
            await _transport.Input.CompleteAsync();
            _completion.TrySetResult();
        }
    }

    private async Task<string> ReceiveAllAsync()
    {
        while (true)
        {
            var result = await _transport.Input.ReadAsync();
            var rest = Take(result.Buffer);
            _transport.Input.AdvanceTo(rest, result.Buffer.End);
            if (result.IsCanceled)
                return "The connection was closed by this side.";
            if (result.IsCompleted)
                return "The server closed the connection.";
        }
    }

    private SequencePosition Take(ReadOnlySequence<byte> buffer)
    {
        while (_frames.TryRead(ref buffer, out var frame))
        {
            var tag = frame.Tag & ~PendingCall.FlushBit;
            if (tag >= _calls.Length)
                throw new ProtocolException($"{frame.Type} with tag {frame.Tag}, which was never used.");
            if ((frame.Tag & PendingCall.FlushBit) != 0)
                _calls[tag].FlushEnded();
            else
                _calls[tag].Answer(frame);
        }

        return buffer.Start;
    }

    private void FailAll(FileException reason)
    {
        lock (Gate)
            _lost = reason;
        foreach (var call in _calls)
            call.Fail(reason);
    }
}
