using System.Net.Sockets;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Pewter.Blocks.Iscsi.Wire;

/// <summary>
/// Cuts a connection's bytes into PDUs. One receive takes whatever has arrived, often many PDUs; <see cref="TryRead"/>
/// then gives views into the buffer that are valid until the next <see cref="ReceiveAsync"/>. Belongs to the
/// connection's read loop.
/// </summary>
internal sealed class PduReader(Socket socket, int maxDataLength)
{
    /// <summary>
    /// Holds a full window of commands, or two large writes with their data; grows once when a longer PDU comes. Touched only as far as one
    /// receive fills it.
    /// </summary>
    private const int InitialCapacity = 256 * 1024;

    /// <summary>The longest additional header a sane peer sends: an extended CDB or a bidirectional length.</summary>
    private const int MaxAdditionalLength = 64;

    private byte[] _buffer = GC.AllocateUninitializedArray<byte>(InitialCapacity);
    private int _start;
    private int _end;

    public bool HeaderDigest { get; set; }

    public bool DataDigest { get; set; }

    /// <summary>
    /// Receives more, to be given to <see cref="Accept"/>; the socket's own task, so that waiting allocates nothing.
    /// </summary>
    public ValueTask<int> ReceiveAsync(CancellationToken cancellation)
    {
        MakeRoom();
        return socket.ReceiveAsync(_buffer.AsMemory(_end), SocketFlags.None, cancellation);
    }

    /// <summary>Takes what was received; false when the peer has closed.</summary>
    public bool Accept(int received)
    {
        _end += received;
        return received > 0;
    }

    /// <summary>Gives the next whole PDU; throws <see cref="PduException"/> when what comes cannot be one.</summary>
    public bool TryRead(out Pdu pdu)
    {
        pdu = default;
        ReadOnlySpan<byte> bytes = _buffer.AsSpan(_start, _end - _start);
        if (bytes.Length < BasicHeader.Length)
            return false;
        var header = new BasicHeader(bytes[..BasicHeader.Length]);
        int headerLength = BasicHeader.Length + header.AdditionalLength;
        int dataAt = headerLength + (HeaderDigest ? 4 : 0);
        if (HeaderDigest && bytes.Length >= dataAt)
            CheckHeader(bytes, headerLength);
        if (header.AdditionalLength > MaxAdditionalLength || header.DataLength > maxDataLength)
            throw new PduException($"a PDU of {header.DataLength} bytes was announced; at most {maxDataLength} were agreed");
        int padded = (header.DataLength + 3) & ~3;
        int total = dataAt + padded + (DataDigest && padded > 0 ? 4 : 0);
        if (bytes.Length < total)
            return Reserve(total);
        ReadOnlySpan<byte> data = bytes.Slice(dataAt, header.DataLength);
        bool intact = !DataDigest || padded == 0
            || ReadUInt32LittleEndian(bytes[(dataAt + padded)..]) == Crc32C.Compute(bytes.Slice(dataAt, padded));
        pdu = new Pdu(header, bytes[BasicHeader.Length..headerLength], _buffer.AsMemory(_start + dataAt, data.Length), intact);
        _start += total;
        return true;
    }

    private static void CheckHeader(ReadOnlySpan<byte> bytes, int headerLength)
    {
        if (ReadUInt32LittleEndian(bytes[headerLength..]) != Crc32C.Compute(bytes[..headerLength]))
            throw new PduException("a header digest is wrong");
    }

    private bool Reserve(int total)
    {
        if (total <= _buffer.Length)
            return false;
        byte[] larger = GC.AllocateUninitializedArray<byte>(total + BasicHeader.Length * 16);
        _buffer.AsSpan(_start, _end - _start).CopyTo(larger);
        (_buffer, _start, _end) = (larger, 0, _end - _start);
        return false;
    }

    private void MakeRoom()
    {
        if (_start == 0)
            return;
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        (_start, _end) = (0, _end - _start);
    }
}
