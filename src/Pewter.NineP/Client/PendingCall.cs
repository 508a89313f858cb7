using System.Buffers;
using System.Runtime.CompilerServices;
using System.Threading.Tasks.Sources;
using Pewter.NineP.Wire;

namespace Pewter.NineP.Client;

/// <summary>
/// A tag and the request that has it now: idle → sent → answered, or sent → flushing → answered or cancelled; disposing makes it idle again. While
/// it is flushing, an answer is kept until Rflush has come too, for only then may the tag be used again. State is under the sender's gate.
/// </summary>
internal sealed class PendingCall(ClientConnection connection, ushort tag) : IValueTaskSource, IDisposable
{
    /// <summary>Added to a request's tag to make that of its Tflush, so that a flush always has a tag.</summary>
    public const ushort FlushBit = 0x4000;

    private ManualResetValueTaskSourceCore<bool> _done = new() { RunContinuationsAsynchronously = true };
    private byte[] _body = [];
    private int _length;
    private MessageType _type;
    private Memory<byte> _destination;
    private bool _isSent;
    private bool _isAnswered;
    private bool _isFlushing;
    private Task _flushSent = Task.CompletedTask;

    public ushort Tag => tag;

    /// <summary>Encodes the request; a Tread's data is to go to <paramref name="destination"/>.</summary>
    public void Send<T>(scoped in T message, Memory<byte> destination = default)
        where T : struct, IMessage<T>, allows ref struct
    {
        if (Protocol.HeaderSize + message.Size > connection.MessageSize)
            throw new FileException(Errno.EMSGSIZE, "The request is longer than the server takes.");
        _destination = destination;
        lock (connection.Gate)
        {
            connection.ThrowIfLost();
            _isSent = true;
            connection.Append(tag, message);
        }
    }

    /// <summary>
    /// Sends and waits for the answer. A cancellation sends Tflush and waits for its end: then either the request has had no effect and this
    /// throws, or it was answered all the same and nothing is thrown.
    /// </summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask ReceiveAsync(CancellationToken cancellation)
    {
        await using (cancellation.UnsafeRegister(static call => ((PendingCall)call!).Flush(), this))
        {
            await connection.DrainAsync();
            await new ValueTask(this, _done.Version);
        }

        await _flushSent;
        if (!_isAnswered)
            throw new OperationCanceledException(cancellation);
        ThrowIfError();
    }

    /// <summary>Reads the answer, which must be of this type.</summary>
    public T Read<T>()
        where T : struct, IMessage<T>, allows ref struct
    {
        var reader = new MessageReader(_body.AsSpan(0, _length), connection.Dialect);
        var message = T.Read(ref reader);
        if (_type != T.Type || !reader.IsComplete)
            throw connection.Distrust($"The server answered with a strange {_type}, not with {T.Type}.");
        return message;
    }

    /// <summary>Bytes of the Rread, which are at the destination already.</summary>
    public int TakeData() => _type == MessageType.Rread
        ? _length
        : throw connection.Distrust($"The server answered with {_type}, not with Rread.");

    /// <summary>Takes the answer; called by the receive loop.</summary>
    public void Answer(in Frame frame)
    {
        lock (connection.Gate)
        {
            if (!_isSent || _isAnswered)
                throw new ProtocolException($"{frame.Type} for tag {tag}, which asked nothing.");
            Keep(frame);
            _isAnswered = true;
            if (!_isFlushing)
                _done.SetResult(true);
        }
    }

    /// <summary>Takes the Rflush; called by the receive loop.</summary>
    public void FlushEnded()
    {
        lock (connection.Gate)
        {
            if (!_isFlushing)
                throw new ProtocolException($"Rflush for tag {tag}, which was not flushed.");
            _isFlushing = false;
            _done.SetResult(true);
        }
    }

    /// <summary>The connection is gone; called once, when nothing is received any more.</summary>
    public void Fail(FileException reason)
    {
        lock (connection.Gate)
        {
            var waits = _isSent && (!_isAnswered || _isFlushing);
            _isFlushing = false;
            if (waits)
                _done.SetException(reason);
        }
    }

    public void Dispose()
    {
        if (_body.Length > 0)
            ArrayPool<byte>.Shared.Return(_body);
        _body = [];
        _destination = default;
        _flushSent = Task.CompletedTask;
        _isAnswered = _isSent = false;
        _done.Reset();
        connection.Leave(this);
    }

    void IValueTaskSource.GetResult(short token) => _done.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _done.GetStatus(token);

    void IValueTaskSource.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _done.OnCompleted(continuation, state, token, flags);

    private void Flush()
    {
        lock (connection.Gate)
        {
            if (!_isSent || _isAnswered || _isFlushing || connection.IsLost)
                return;
            _isFlushing = true;
            connection.Append((ushort)(tag | FlushBit), new Tflush { OldTag = tag });
            _flushSent = connection.DrainAsync().AsTask();
        }
    }

    private void Keep(in Frame frame)
    {
        _type = frame.Type;
        var body = frame.Body.Span;
        if (_type == MessageType.Rread)
        {
            var reader = new MessageReader(body, connection.Dialect);
            var data = Rread.Read(ref reader).Data;
            if (!reader.IsComplete || data.Length > _destination.Length)
                throw new ProtocolException("An Rread that is malformed or longer than asked for.");
            data.CopyTo(_destination.Span);
            _length = data.Length;
            return;
        }

        _length = body.Length;
        if (_length == 0)
            return;
        _body = ArrayPool<byte>.Shared.Rent(_length);
        body.CopyTo(_body);
    }

    private void ThrowIfError()
    {
        if (_type == MessageType.Rlerror)
        {
            var errno = (Errno)Read<Rlerror>().Code;
            throw new FileException(errno == Errno.None ? Errno.EIO : errno, ErrnoText.Of(errno));
        }

        if (_type != MessageType.Rerror)
            return;
        var text = System.Text.Encoding.UTF8.GetString(Read<Rerror>().Text);
        throw new FileException(ErrnoText.Parse(text), text);
    }
}
