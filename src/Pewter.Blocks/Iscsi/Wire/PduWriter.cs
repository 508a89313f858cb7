using System.Buffers;
using System.Net.Sockets;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Pewter.Blocks.Iscsi.Wire;

/// <summary>
/// Gathers a connection's outgoing PDUs and sends many at once. PDUs are built in place under <see cref="Gate"/>, by
/// the read loop and by commands that end on other threads; whoever flushes while nobody else does becomes the sender
/// until all is out, so order is kept and nothing is sent twice. Lock order: the session's lock may be taken under the
/// gate, never the other way.
/// </summary>
internal sealed class PduWriter(Socket socket) : IDisposable
{
    /// <summary>
    /// Replies are sent once this much has gathered, even when more requests wait, so that the initiator can go on.
    /// </summary>
    public const int FlushThreshold = 128 * 1024;

    /// <summary>Bounds what one connection holds for an initiator that does not read.</summary>
    private const int HighWater = 1024 * 1024;

    private const int InitialCapacity = 16 * 1024;

    private byte[] _filling = ArrayPool<byte>.Shared.Rent(InitialCapacity);
    private byte[] _sending = ArrayPool<byte>.Shared.Rent(InitialCapacity);
    private int _length;
    private bool _isSending;
    private TaskCompletionSource? _hasRoom;
    private TaskCompletionSource? _drained;
    private volatile Exception? _failure;

    public Lock Gate { get; } = new();

    public bool HeaderDigest { get; set; }

    public bool DataDigest { get; set; }

    /// <summary>The next status sequence number; under the gate.</summary>
    public uint StatSn { get; set; }

    public int Buffered => _length;

    public bool IsFull => _length >= HighWater;

    /// <summary>
    /// A zeroed header and room for the data, to be filled and committed under the gate; nothing has happened until
    /// then.
    /// </summary>
    public PduSlot Reserve(int dataLength)
    {
        int padded = (dataLength + 3) & ~3;
        int dataAt = BasicHeader.Length + (HeaderDigest ? 4 : 0);
        int total = dataAt + padded + (DataDigest && padded > 0 ? 4 : 0);
        if (_filling.Length - _length < total)
            Grow(_length + total);
        Span<byte> bytes = _filling.AsSpan(_length, total);
        bytes[..BasicHeader.Length].Clear();
        bytes[5] = (byte)(dataLength >> 16);
        bytes[6] = (byte)(dataLength >> 8);
        bytes[7] = (byte)dataLength;
        return new PduSlot(bytes, dataAt, dataLength);
    }

    public void Commit(in PduSlot slot)
    {
        Span<byte> bytes = slot.Bytes;
        int padded = (slot.DataLength + 3) & ~3;
        bytes.Slice(slot.DataAt + slot.DataLength, padded - slot.DataLength).Clear();
        if (HeaderDigest)
            WriteUInt32LittleEndian(bytes[BasicHeader.Length..], Crc32C.Compute(bytes[..BasicHeader.Length]));
        if (DataDigest && padded > 0)
            WriteUInt32LittleEndian(bytes[(slot.DataAt + padded)..], Crc32C.Compute(bytes.Slice(slot.DataAt, padded)));
        _length += bytes.Length;
    }

    /// <summary>
    /// Sends what has gathered; returns at once when another flush is under way, which then takes it along. A socket
    /// that takes all of it at once is not waited for, which allocates nothing.
    /// </summary>
    public ValueTask FlushAsync(CancellationToken cancellation)
    {
        while (TryTake(out ReadOnlyMemory<byte> batch))
        {
            ValueTask<int> sending = socket.SendAsync(batch, SocketFlags.None, cancellation);
            if (!sending.IsCompletedSuccessfully)
                return FinishFlushAsync(sending, batch, cancellation);
            int sent = sending.Result;
            if (sent < batch.Length)
                return FinishFlushAsync(new ValueTask<int>(sent), batch, cancellation);
            Release();
        }
        return ValueTask.CompletedTask;
    }

    /// <summary>Waits until an initiator that lags has taken enough.</summary>
    public ValueTask WaitForRoomAsync(CancellationToken cancellation)
    {
        ValueTask flush = FlushAsync(cancellation);
        return flush.IsCompletedSuccessfully && !IsFull && _failure is null ? flush : WaitForRoomAsync(flush, cancellation);
    }

    /// <summary>
    /// Returns when everything has been sent, also what another flush is sending: for the last words of a connection.
    /// </summary>
    public async ValueTask DrainAsync(CancellationToken cancellation)
    {
        await FlushAsync(cancellation);
        Task? drained = null;
        lock (Gate)
        {
            if (_isSending)
                drained = (_drained ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
        if (drained is not null)
            await drained.WaitAsync(cancellation);
    }

    public void Dispose()
    {
        lock (Gate)
        {
            _failure ??= new ObjectDisposedException(nameof(PduWriter));
            _hasRoom?.TrySetCanceled();
            _drained?.TrySetCanceled();
            if (!_isSending)
                ReturnBuffers();
        }
    }

    private async ValueTask FinishFlushAsync(ValueTask<int> sending, ReadOnlyMemory<byte> batch, CancellationToken cancellation)
    {
        try
        {
            batch = batch[await sending..];
            while (!batch.IsEmpty)
                batch = batch[await socket.SendAsync(batch, SocketFlags.None, cancellation)..];
        }
        catch (Exception failure) when (failure is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            Fail(failure);
            throw;
        }
        Release();
        await FlushAsync(cancellation);
    }

    private async ValueTask WaitForRoomAsync(ValueTask flush, CancellationToken cancellation)
    {
        await flush;
        Task? room = null;
        lock (Gate)
        {
            if (_failure is not null)
                throw new SocketException((int)SocketError.ConnectionAborted);
            if (IsFull)
                room = (_hasRoom ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
        if (room is not null)
            await room.WaitAsync(cancellation);
    }

    private bool TryTake(out ReadOnlyMemory<byte> batch)
    {
        lock (Gate)
        {
            batch = default;
            if (_isSending || _length == 0 || _failure is not null)
                return false;
            (_filling, _sending) = (_sending, _filling);
            batch = _sending.AsMemory(0, _length);
            _length = 0;
            return _isSending = true;
        }
    }

    private void Release()
    {
        lock (Gate)
        {
            _isSending = false;
            if (_failure is not null)
                ReturnBuffers();
            if (_length == 0)
                Interlocked.Exchange(ref _drained, null)?.TrySetResult();
            if (!IsFull)
                Interlocked.Exchange(ref _hasRoom, null)?.TrySetResult();
        }
    }

    private void Fail(Exception failure)
    {
        lock (Gate)
        {
            _isSending = false;
            _failure ??= failure;
            _hasRoom?.TrySetException(failure);
            _drained?.TrySetException(failure);
        }
    }

    private void ReturnBuffers()
    {
        if (_filling.Length > 0)
            ArrayPool<byte>.Shared.Return(_filling);
        if (_sending.Length > 0)
            ArrayPool<byte>.Shared.Return(_sending);
        (_filling, _sending, _length) = ([], [], 0);
    }

    private void Grow(int needed)
    {
        byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(needed, _filling.Length * 2));
        _filling.AsSpan(0, _length).CopyTo(larger);
        if (_filling.Length > 0)
            ArrayPool<byte>.Shared.Return(_filling);
        _filling = larger;
    }
}
