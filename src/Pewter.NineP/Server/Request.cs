using System.Buffers;
using Pewter.NineP.Wire;

namespace Pewter.NineP.Server;

/// <summary>
/// One request while it is worked on. The receive loop uses one object again and again for requests that are answered at once; a request that
/// has to wait keeps its object to itself, so that whoever cancels it can never hit a later one.
/// </summary>
/// <remarks>
/// running → (retired: answered, or will never be). Registered and retired change under <see cref="FrameSender.Gate"/> only.
/// <see cref="Body"/> is borrowed from the receive buffer and gone after the handler's first wait.
/// </remarks>
internal sealed class Request : IDisposable
{
    private CancellationTokenSource _cancel = new();
    private byte[]? _buffer;

    public ushort Tag { get; private set; }

    public MessageType Type { get; private set; }

    public ReadOnlyMemory<byte> Body { get; private set; }

    public Dialect Dialect { get; private set; }

    public CancellationToken Token => _cancel.Token;

    /// <summary>In the table of waiting requests.</summary>
    public bool IsRegistered { get; set; }

    /// <summary>Answered, or never to be.</summary>
    public bool IsRetired { get; set; }

    /// <summary>Its work is over, so that it may not be registered any more.</summary>
    public bool HasEnded { get; set; }

    /// <summary>Why it was cancelled; decides whether the cancellation is answered.</summary>
    public CancelReason Cancelled { get; private set; }

    /// <summary>Tags of Tflush requests that wait for this one, in order.</summary>
    public List<ushort>? Flushes { get; set; }

    /// <summary>The fid in use, released when the request ends.</summary>
    public Fid? Fid { get; set; }

    /// <summary>The second fid in use.</summary>
    public Fid? OtherFid { get; set; }

    /// <summary>Bytes counted against <see cref="NineLimits.WaitingBytes"/>.</summary>
    public int WaitingBytes { get; set; }

    /// <summary>Names of the Twalk, in scratch space of this object.</summary>
    public string[] Names { get; } = new string[Protocol.MaxWalkNames];

    /// <summary>Encoded qids of the Rwalk.</summary>
    public byte[] Qids { get; } = new byte[Protocol.MaxWalkNames * Qid.Size];

    /// <summary>The page of a Treaddir.</summary>
    public DirectoryEncoder Page { get; } = new();

    public void Start(in Frame frame, Dialect dialect)
    {
        Tag = frame.Tag;
        Type = frame.Type;
        Body = frame.Body;
        Dialect = dialect;
    }

    /// <summary>Reads the body.</summary>
    /// <exception cref="ProtocolException">It is not well formed.</exception>
    public T Read<T>()
        where T : struct, IMessage<T>, allows ref struct
    {
        var reader = new MessageReader(Body.Span, Dialect);
        var message = T.Read(ref reader);
        return reader.IsComplete ? message : throw new ProtocolException($"A malformed {Type}.");
    }

    /// <summary>A buffer that is the request's until it ends; asked for once.</summary>
    public Memory<byte> Rent(int size)
    {
        if (_buffer is null || _buffer.Length < size)
        {
            ReturnBuffer();
            _buffer = ArrayPool<byte>.Shared.Rent(size);
        }

        return _buffer.AsMemory(0, size);
    }

    public void Cancel(CancelReason reason)
    {
        if (Cancelled < reason)
            Cancelled = reason;
        _cancel.Cancel();
    }

    public void Dispose() => _cancel.Dispose();

    public void ReturnBuffer()
    {
        if (_buffer is not null)
            ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = null;
    }

    /// <summary>Makes the object ready for the next request, after one that never waited.</summary>
    public void Reset()
    {
        Body = default;
        IsRetired = false;
        HasEnded = false;
        Flushes = null;
        WaitingBytes = 0;
        Cancelled = CancelReason.None;
        if (_cancel.IsCancellationRequested)
            _cancel = new CancellationTokenSource();
    }
}
