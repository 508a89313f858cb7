using System.Buffers.Binary;
using System.Text;

namespace Pewter.Linux.Networking;

/// <summary>One request of rtnetlink(7), built front to back: header, fixed part, attributes, some of them nested.</summary>
internal sealed class RouteRequest
{
    /// <summary>Request and acknowledge.</summary>
    public const ushort Plain = 0x1 | 0x4;

    /// <summary>Makes something, which must not be there.</summary>
    public const ushort Create = Plain | 0x400 | 0x200;

    /// <summary>Makes something or replaces it.</summary>
    public const ushort Replace = Plain | 0x400 | 0x100;

    /// <summary>Adds to what is there.</summary>
    public const ushort Append = Plain | 0x400 | 0x800;

    /// <summary>The request is of the kernel's size of messages: the largest here has some 200 bytes.</summary>
    private const int Room = 1024;

    private const int HeaderBytes = 16;

    private readonly byte[] _bytes = new byte[Room];
    private int _length = HeaderBytes;

    /// <summary>Begins a request with the bytes that follow the header.</summary>
    public RouteRequest(ushort type, ushort flags, ReadOnlySpan<byte> fixedPart)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(_bytes.AsSpan(4), type);
        BinaryPrimitives.WriteUInt16LittleEndian(_bytes.AsSpan(6), flags);
        Raw(fixedPart);
    }

    /// <summary>The request with its length and number.</summary>
    public ReadOnlySpan<byte> Finish(uint number)
    {
        BinaryPrimitives.WriteInt32LittleEndian(_bytes, _length);
        BinaryPrimitives.WriteUInt32LittleEndian(_bytes.AsSpan(8), number);
        return _bytes.AsSpan(0, _length);
    }

    /// <summary>Adds an attribute.</summary>
    public RouteRequest Attribute(ushort type, ReadOnlySpan<byte> value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(_bytes.AsSpan(_length), (ushort)(value.Length + 4));
        BinaryPrimitives.WriteUInt16LittleEndian(_bytes.AsSpan(_length + 2), type);
        _length += 4;
        Raw(value);
        return this;
    }

    /// <summary>Adds a number in the machine's order.</summary>
    public RouteRequest Number(ushort type, int value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        return Attribute(type, bytes);
    }

    /// <summary>Adds a short number in the network's order, as ports are.</summary>
    public RouteRequest Port(ushort type, ushort value)
    {
        Span<byte> bytes = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, value);
        return Attribute(type, bytes);
    }

    /// <summary>Adds a text with its final zero.</summary>
    public RouteRequest Text(ushort type, string value) => Attribute(type, Encoding.ASCII.GetBytes(value + "\0"));

    /// <summary>Adds an attribute of attributes.</summary>
    public RouteRequest Nested(ushort type, Action<RouteRequest> fill)
    {
        var start = _length;
        _length += 4;
        fill(this);
        BinaryPrimitives.WriteUInt16LittleEndian(_bytes.AsSpan(start), (ushort)(_length - start));
        BinaryPrimitives.WriteUInt16LittleEndian(_bytes.AsSpan(start + 2), type);
        return this;
    }

    /// <summary>Adds bytes as they are, up to the next boundary of four.</summary>
    public RouteRequest Raw(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_bytes.AsSpan(_length));
        _length += (bytes.Length + 3) & ~3;
        return this;
    }
}
