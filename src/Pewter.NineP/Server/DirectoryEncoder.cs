using System.Text;
using Pewter.NineP.Serving;
using Pewter.NineP.Wire;

namespace Pewter.NineP.Server;

/// <summary>Encodes the entries of a Treaddir, whole ones only. Belongs to one request.</summary>
internal sealed class DirectoryEncoder : DirectoryPage
{
    private const int FixedSize = Qid.Size + sizeof(ulong) + sizeof(byte) + sizeof(ushort);

    private Memory<byte> _buffer;

    /// <summary>Bytes of the entries.</summary>
    public int Length { get; private set; }

    /// <summary>Whether an entry did not fit.</summary>
    public bool IsFull { get; private set; }

    public void Start(Memory<byte> buffer)
    {
        _buffer = buffer;
        Length = 0;
        IsFull = false;
    }

    public override bool TryAdd(Qid qid, ulong cookie, string name)
    {
        var size = FixedSize + Encoding.UTF8.GetByteCount(name);
        IsFull |= size > _buffer.Length - Length;
        if (IsFull)
            return false;
        var span = _buffer.Span.Slice(Length, size);
        var writer = new MessageWriter(span, Dialect.NineP2000L);
        writer.WriteQid(qid);
        writer.WriteUInt64(cookie);
        writer.WriteByte(DirectoryEntryKind.Of(qid));
        writer.WriteUInt16((ushort)(size - FixedSize));
        Encoding.UTF8.GetBytes(name, span[FixedSize..]);
        Length += size;
        return true;
    }
}
