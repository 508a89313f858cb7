namespace Pewter.NineP.Wire;

/// <summary>The qids of an Rwalk, still encoded.</summary>
internal readonly ref struct QidList(ReadOnlySpan<byte> encoded)
{
    public ReadOnlySpan<byte> Encoded { get; } = encoded;

    public int Count => Encoded.Length / Qid.Size;

    /// <summary>Bytes on the wire, the count included.</summary>
    public int Size => 2 + Encoded.Length;

    public Qid this[int index] => new MessageReader(Encoded.Slice(index * Qid.Size, Qid.Size), Dialect.None).ReadQid();
}
