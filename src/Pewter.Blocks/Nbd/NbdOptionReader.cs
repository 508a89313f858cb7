using System.Buffers.Binary;
using System.Text;

namespace Pewter.Blocks.Nbd;

/// <summary>Takes fields from the data of an option; each returns false, and takes nothing, where the data ends first.</summary>
internal ref struct NbdOptionReader(ReadOnlySpan<byte> data)
{
    private ReadOnlySpan<byte> _rest = data;

    public bool TryUInt16(out int value)
    {
        value = 0;
        if (_rest.Length < 2)
            return false;
        value = BinaryPrimitives.ReadUInt16BigEndian(_rest);
        _rest = _rest[2..];
        return true;
    }

    public bool TryUInt32(out uint value)
    {
        value = 0;
        if (_rest.Length < 4)
            return false;
        value = BinaryPrimitives.ReadUInt32BigEndian(_rest);
        _rest = _rest[4..];
        return true;
    }

    /// <summary>A text after its length in four bytes.</summary>
    public bool TryText(out string text)
    {
        text = "";
        if (_rest.Length < 4)
            return false;
        uint length = BinaryPrimitives.ReadUInt32BigEndian(_rest);
        if (length > _rest.Length - 4)
            return false;
        text = Encoding.UTF8.GetString(_rest.Slice(4, (int)length));
        _rest = _rest[(4 + (int)length)..];
        return true;
    }

    public readonly bool IsLeft(int count) => _rest.Length == count;
}
