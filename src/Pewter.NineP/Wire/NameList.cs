using System.Buffers.Binary;

namespace Pewter.NineP.Wire;

/// <summary>The names of a Twalk, still encoded: each two bytes of length, then UTF-8.</summary>
internal readonly ref struct NameList
{
    /// <summary>Wraps names whose lengths have been checked.</summary>
    public NameList(int count, ReadOnlySpan<byte> encoded)
    {
        Count = count;
        Encoded = encoded;
    }

    public int Count { get; }

    public ReadOnlySpan<byte> Encoded { get; }

    /// <summary>Bytes on the wire, the count included.</summary>
    public int Size => 2 + Encoded.Length;

    public Enumerator GetEnumerator() => new(Encoded);

    /// <summary>Walks over the names.</summary>
    public ref struct Enumerator(ReadOnlySpan<byte> rest)
    {
        private ReadOnlySpan<byte> _rest = rest;

        public ReadOnlySpan<byte> Current { get; private set; }

        public bool MoveNext()
        {
            if (_rest.IsEmpty)
                return false;
            var end = 2 + BinaryPrimitives.ReadUInt16LittleEndian(_rest);
            Current = _rest[2..end];
            _rest = _rest[end..];
            return true;
        }
    }
}
