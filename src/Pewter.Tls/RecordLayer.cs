using System.Buffers.Binary;

namespace Pewter.Tls;

/// <summary>The kinds of records (RFC 8446, 5.1).</summary>
internal enum RecordType : byte
{
    ChangeCipherSpec = 20,
    Alert = 21,
    Handshake = 22,
    Data = 23,
}

/// <summary>
/// Records over a stream (RFC 8446, 5), in the clear until keys are set. One may read while another writes; neither is called by two at once.
/// </summary>
internal sealed class RecordLayer(Stream stream)
{
    public const int MostPlain = 1 << 14;

    private const int Header = 5;
    private const int MostProtected = MostPlain + 256;
    private const ushort Legacy = 0x0303;
    private readonly byte[] _received = new byte[Header + MostProtected];
    private byte[] _sending = new byte[4096];

    public TrafficKeys? Reading { get; set; }

    public TrafficKeys? Writing { get; set; }

    /// <summary>The next record; what it holds is valid until the next call. A null type: the stream has ended.</summary>
    /// <exception cref="TlsException">It is none, or somebody has changed it.</exception>
    public async ValueTask<(RecordType? Type, Memory<byte> Data)> ReadAsync(CancellationToken cancellation)
    {
        if (await stream.ReadAtLeastAsync(_received.AsMemory(0, Header), Header, throwOnEndOfStream: false, cancellation) < Header)
        {
            return (null, default);
        }

        var (type, length) = ((RecordType)_received[0], BinaryPrimitives.ReadUInt16BigEndian(_received.AsSpan(3)));
        if (type is < RecordType.ChangeCipherSpec or > RecordType.Data || length > MostProtected)
        {
            throw new TlsException(TlsAlert.UnexpectedMessage, "what came is no record of TLS");
        }

        var body = _received.AsMemory(Header, length);
        if (await stream.ReadAtLeastAsync(body, length, throwOnEndOfStream: false, cancellation) < length)
        {
            return (null, default);
        }

        // A change of cipher is an empty word that old machinery on the way wants to see (RFC 8446, D.4).
        return Reading is not { } keys || type == RecordType.ChangeCipherSpec ? (type, body) : Unprotect(keys, body);
    }

    /// <summary>Writes data as one record or, when it is long, several, all in one write to the stream.</summary>
    public ValueTask WriteAsync(RecordType type, ReadOnlyMemory<byte> data, CancellationToken cancellation)
    {
        var pieces = Math.Max(1, (data.Length + MostPlain - 1) / MostPlain);
        var needed = data.Length + (pieces * (Header + 1 + Poly1305.TagBytes));
        if (_sending.Length < needed)
        {
            _sending = new byte[needed];
        }

        var length = 0;
        for (var i = 0; i < pieces; i++)
        {
            var piece = data.Slice(i * MostPlain, Math.Min(MostPlain, data.Length - (i * MostPlain)));
            length += Protect(type, piece.Span, _sending.AsSpan(length));
        }

        return stream.WriteAsync(_sending.AsMemory(0, length), cancellation);
    }

    private (RecordType? Type, Memory<byte> Data) Unprotect(TrafficKeys keys, Memory<byte> body)
    {
        var length = body.Length - Poly1305.TagBytes;
        if (length < 1 || !keys.Open(_received.AsSpan(0, Header), body.Span[..length], body.Span[length..]))
        {
            throw new TlsException(TlsAlert.BadRecordMac, "a record is not what was sent, or was sent with another key");
        }

        // The kind is the last byte that is not zero.
        var last = body.Span[..length].LastIndexOfAnyExcept((byte)0);
        return last < 0 ? throw new TlsException(TlsAlert.UnexpectedMessage, "a record has no kind") : ((RecordType)body.Span[last], body[..last]);
    }

    private int Protect(RecordType type, ReadOnlySpan<byte> plain, Span<byte> into)
    {
        var length = Writing is null ? plain.Length : plain.Length + 1 + Poly1305.TagBytes;
        into[0] = (byte)(Writing is null ? type : RecordType.Data);
        BinaryPrimitives.WriteUInt16BigEndian(into[1..], Legacy);
        BinaryPrimitives.WriteUInt16BigEndian(into[3..], (ushort)length);
        plain.CopyTo(into[Header..]);
        if (Writing is { } keys)
        {
            into[Header + plain.Length] = (byte)type;
            keys.Seal(into[..Header], into.Slice(Header, plain.Length + 1), into.Slice(Header + plain.Length + 1, Poly1305.TagBytes));
        }

        return Header + length;
    }
}
