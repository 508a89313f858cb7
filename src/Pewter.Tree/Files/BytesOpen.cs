using Pewter.NineP.Serving;

namespace Pewter.Tree;

/// <summary>An open that reads bytes taken at the open, by offset, so that a long read never mixes two states.</summary>
internal sealed class BytesOpen(ServedFile file, ReadOnlyMemory<byte> content) : TreeOpen(file)
{
    /// <inheritdoc/>
    public override bool TryRead(ulong offset, Span<byte> buffer, out int count)
    {
        var rest = offset < (ulong)content.Length ? content.Span[(int)offset..] : default;
        count = Math.Min(rest.Length, buffer.Length);
        rest[..count].CopyTo(buffer);
        return true;
    }

    /// <inheritdoc/>
    public override ValueTask<int> ReadAsync(ulong offset, Memory<byte> buffer, CancellationToken cancellation)
    {
        TryRead(offset, buffer.Span, out var count);
        return new(count);
    }
}
