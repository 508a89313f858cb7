namespace Pewter.Blocks.Iscsi.Wire;

/// <summary>A received PDU, a view into the reader's buffer.</summary>
/// <param name="header">The basic header segment.</param>
/// <param name="additional">The additional header segments.</param>
/// <param name="data">The data segment without padding.</param>
/// <param name="isIntact">The data digest is right, or there is none.</param>
internal readonly ref struct Pdu(BasicHeader header, ReadOnlySpan<byte> additional, ReadOnlyMemory<byte> data, bool isIntact)
{
    public BasicHeader Header { get; } = header;

    public ReadOnlySpan<byte> Additional { get; } = additional;

    public ReadOnlyMemory<byte> Data { get; } = data;

    public bool IsIntact { get; } = isIntact;
}
