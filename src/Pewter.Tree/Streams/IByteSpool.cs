namespace Pewter.Tree;

/// <summary>
/// Keeps all bytes of a stream, on disk for instance, so that late readers get what has left the window. Called under the stream's
/// lock.
/// </summary>
public interface IByteSpool
{
    /// <summary>The position of the first byte that can still be read.</summary>
    long Start { get; }

    /// <summary>Keeps bytes, which follow those of the last call.</summary>
    void Append(ReadOnlySpan<byte> data);

    /// <summary>Reads at least one byte from a position at or after <see cref="Start"/>.</summary>
    int Read(long position, Span<byte> buffer);
}
