using System.Buffers.Binary;

namespace Pewter.Tls;

/// <summary>Reads the fields of a handshake message one after another; a message that ends too early is an error of the peer's.</summary>
internal ref struct HandshakeReader(ReadOnlySpan<byte> data)
{
    private ReadOnlySpan<byte> _rest = data;

    public readonly bool IsAtEnd => _rest.IsEmpty;

    public readonly int Left => _rest.Length;

    public byte Byte() => Take(1)[0];

    public ushort Short() => BinaryPrimitives.ReadUInt16BigEndian(Take(2));

    /// <summary>A field that its length goes before, in one byte or two.</summary>
    public ReadOnlySpan<byte> Field(int lengthBytes) => Take(lengthBytes == 1 ? Byte() : Short());

    public ReadOnlySpan<byte> Take(int count)
    {
        if (count > _rest.Length)
        {
            throw new TlsException(TlsAlert.DecodeError, "a message of the handshake is too short");
        }

        var taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }
}
