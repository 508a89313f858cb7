using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.ExceptionServices;
using Pewter.NineP.Wire;

namespace Pewter.NineP.Server;

/// <summary>
/// The receive loop of one connection: many requests a receive, their answers gathered into one send. It owns the input; the output it owns
/// while a batch lasts.
/// </summary>
/// <remarks>
/// Order of the end: the loop stops reading → every waiting request is cancelled and has ended → every fid is closed → output and
/// input are completed. Only then does <see cref="RunAsync"/> return.
/// </remarks>
internal sealed class ServerConnection : IAsyncDisposable
{
    private readonly PipeReader _input;
    private readonly PipeWriter _output;
    private readonly FrameSender _sender;
    private readonly FrameReader _frames = new();
    private readonly Session _session;
    private readonly Dispatcher _dispatcher;
    private readonly SessionSetup _setup;
    private volatile Exception? _fault;
    private volatile bool _stopped;
    private volatile bool _idle;
    private Request? _spare;

    public ServerConnection(IDuplexPipe transport, SessionSetup setup)
    {
        _setup = setup;
        _input = transport.Input;
        _output = transport.Output;
        _sender = new FrameSender(_output, setup.Limits.StallTimeout, setup.Time);
        _session = new Session(setup, _sender);
        _dispatcher = new Dispatcher(_session);
        _frames.MessageSize = setup.Limits.MessageSize;
    }

    public async Task<Disconnect> RunAsync(CancellationToken cancellation)
    {
        await using var stop = cancellation.Register(Stop);
        try
        {
            return await ReceiveAsync();
        }
        catch (ProtocolException broken)
        {
            return new Disconnect(DisconnectReason.ProtocolError, broken.Message);
        }
        catch (IOException gone)
        {
            return new Disconnect(DisconnectReason.PeerClosed, gone.Message);
        }
        finally
        {
            if (_stopped)
                _output.CancelPendingFlush();
            await _session.EndAsync();
            await _output.CompleteAsync();
            await _input.CompleteAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        _frames.Dispose();
        _spare?.Dispose();
        await _sender.DisposeAsync();
    }

    private void Stop()
    {
        _stopped = true;
        _input.CancelPendingRead();
    }

    private async Task<Disconnect> ReceiveAsync()
    {
        await using var idleTimer = _setup.Time.CreateTimer(
            _ => { _idle = true; _input.CancelPendingRead(); }, null, _setup.Limits.VersionTimeout, Timeout.InfiniteTimeSpan);
        while (true)
        {
            var result = await _input.ReadAsync();
            if (_fault is null && !_stopped)
            {
                var rest = await HandleBatchAsync(result.Buffer);
                _input.AdvanceTo(rest, result.Buffer.End);
            }

            if (End(result.IsCompleted) is { } end)
                return end;
        }
    }

    /// <summary>Throws what made the connection fail, or says why it ends, or null to go on.</summary>
    private Disconnect? End(bool inputCompleted)
    {
        if (_fault is { } fault)
            ExceptionDispatchInfo.Throw(fault);
        if (_stopped)
            return new Disconnect(DisconnectReason.Stopped, "The server was told to stop.");
        if (_idle && _session.Dialect == Dialect.None)
            return new Disconnect(DisconnectReason.Idle, $"No Tversion within {_setup.Limits.VersionTimeout}.");
        if (_sender.IsStalled)
            return new Disconnect(DisconnectReason.Stalled, $"The peer did not take its replies for {_setup.Limits.StallTimeout}.");
        return inputCompleted || _sender.IsBroken
            ? new Disconnect(DisconnectReason.PeerClosed, "The peer closed the connection.")
            : null;
    }

    /// <summary>Handles the whole frames in a buffer, sends the answers that were ready at once, and says where the rest begins.</summary>
    private async ValueTask<SequencePosition> HandleBatchAsync(ReadOnlySequence<byte> buffer)
    {
        await _sender.BeginBatchAsync();
        try
        {
            _sender.EnterBatch();
            while (_fault is null && _frames.TryRead(ref buffer, out var frame))
            {
                if (frame.Type == MessageType.Tversion)
                    await RestartAsync(frame);
                else
                    Handle(frame);
                if (_sender.WantsFlush)
                    await _sender.FlushBatchAsync();
                _sender.EnterBatch();
            }
        }
        finally
        {
            await _sender.EndBatchAsync();
        }

        return buffer.Start;
    }

    private async ValueTask RestartAsync(Frame frame)
    {
        var request = TakeRequest(frame);
        _frames.MessageSize = await _session.RestartAsync(request);
        request.Reset();
        _spare = request;
    }

    private void Handle(in Frame frame)
    {
        if (_session.Dialect == Dialect.None)
            throw new ProtocolException($"{frame.Type} before a version was agreed.");
        if (frame.Tag == Protocol.NoTag || _session.Requests.IsWaiting(frame.Tag))
            throw new ProtocolException($"{frame.Type} with tag {frame.Tag}, which is in use.");
        var request = TakeRequest(frame);
        if (SuperviseAsync(request).IsCompletedSuccessfully)
            Reuse(request);
        else
            _session.Requests.Register(request);
    }

    private Request TakeRequest(in Frame frame)
    {
        var request = _spare ?? new Request();
        _spare = null;
        request.Start(frame, _session.Dialect);
        return request;
    }

    private void Reuse(Request request)
    {
        if (request.WaitingBytes > 0)
            _session.Requests.Ended(request);
        request.Reset();
        _spare = request;
    }

    /// <summary>
    /// The edge of every request: whatever escapes the handlers, a broken message or a bug in a file, ends the connection. The request
    /// table knows all that are at work, so none is forgotten.
    /// </summary>
    private async Task SuperviseAsync(Request request)
    {
        try
        {
            await _dispatcher.RunAsync(request);
        }
        catch (Exception fault)
        {
            _fault ??= fault;
            _input.CancelPendingRead();
        }

        if (_sender.IsBatchThread && !request.IsRegistered)
            return;
        await _sender.DrainAsync();
        if (_sender.IsBroken)
            _input.CancelPendingRead();
        _session.Requests.Ended(request);
    }
}
