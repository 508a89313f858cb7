namespace Pewter.Linux.Files;

/// <summary>A piece of memory for a system call that takes many: <c>struct iovec</c>.</summary>
public readonly unsafe struct IoVector
{
    /// <summary>The first byte; pinned or not the collector's.</summary>
    public byte* Base { get; init; }

    /// <summary>Bytes.</summary>
    public nuint Length { get; init; }
}
