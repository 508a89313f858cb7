namespace Pewter.Blocks;

/// <summary>The expected failure of a block operation: a Linux errno and a sentence that names the disk and what to do.</summary>
public sealed class BlockException : Exception
{
    /// <summary>Creates the failure.</summary>
    public BlockException(int errno, string message, Exception? inner = null)
        : base(message, inner) => Errno = errno;

    /// <summary>A Linux error number: EIO 5, ENOSPC 28, EROFS 30, EINVAL 22, ESHUTDOWN 108.</summary>
    public int Errno { get; }
}
