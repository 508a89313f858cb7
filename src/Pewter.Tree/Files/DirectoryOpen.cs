using Pewter.NineP;
using Pewter.NineP.Serving;

namespace Pewter.Tree;

/// <summary>An open of a directory: it can be listed, and a read is EISDIR.</summary>
internal abstract class DirectoryOpen : TreeOpen
{
    /// <summary>Creates the open.</summary>
    protected DirectoryOpen(TreeFile directory)
        : base(directory) => Directory = directory;

    /// <summary>The directory.</summary>
    protected TreeFile Directory { get; }

    /// <inheritdoc/>
    public sealed override ValueTask<int> ReadAsync(ulong offset, Memory<byte> buffer, CancellationToken cancellation) =>
        throw new FileException(Errno.EISDIR, $"{Directory.Path} is a directory.");

    /// <inheritdoc/>
    public abstract override ValueTask ReadDirectoryAsync(ulong cookie, DirectoryPage page, CancellationToken cancellation);
}
