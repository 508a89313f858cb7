using Pewter.NineP;
using Pewter.NineP.Serving;

namespace Pewter.Tree;

/// <summary>A directory whose entries are found and listed by code.</summary>
public abstract class VirtualDirectory : TreeFile
{
    /// <summary>Creates the directory; open to all unless <see cref="TreeFile.Mode"/> says otherwise.</summary>
    protected VirtualDirectory()
        : base(QidType.Directory, UnixMode.Octal(755))
    {
    }

    /// <summary>
    /// Lists entries after a cookie until the page is full, as <see cref="OpenFile.ReadDirectoryAsync"/> asks. Rights are checked already.
    /// </summary>
    protected internal abstract ValueTask ListAsync(ulong cookie, DirectoryPage page, Caller caller, CancellationToken cancellation);

    /// <inheritdoc/>
    protected override ValueTask<OpenFile> OpenCoreAsync(OpenFlags flags, Caller caller, CancellationToken cancellation) =>
        new(new LiveOpen(this, caller));

    private sealed class LiveOpen(VirtualDirectory directory, Caller caller) : DirectoryOpen(directory)
    {
        public override ValueTask ReadDirectoryAsync(ulong cookie, DirectoryPage page, CancellationToken cancellation) =>
            directory.ListAsync(cookie, page, caller, cancellation);
    }
}
