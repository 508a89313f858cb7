namespace Pewter.Blocks;

/// <summary>
/// A few kilobytes beside a disk that outlive the server: what a protocol has promised to remember of it. One writer at a time. Failures are
/// <see cref="BlockException"/>s.
/// </summary>
public abstract class KeptState
{
    /// <summary>What was written last; empty when nothing was.</summary>
    public abstract ReadOnlyMemory<byte> Read();

    /// <summary>Replaces it, whole and durably; empty forgets it.</summary>
    public abstract void Write(ReadOnlySpan<byte> state);
}
