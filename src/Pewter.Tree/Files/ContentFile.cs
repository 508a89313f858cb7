using Pewter.NineP;
using Pewter.NineP.Serving;

namespace Pewter.Tree;

/// <summary>A file whose content is made at each open.</summary>
public abstract class ContentFile : TreeFile
{
    /// <summary>Creates the file; readable by all unless <see cref="TreeFile.Mode"/> says otherwise.</summary>
    protected ContentFile()
        : base(QidType.File, UnixMode.Octal(444))
    {
    }

    /// <summary>Makes the content for this caller.</summary>
    protected abstract ValueTask<ReadOnlyMemory<byte>> RenderAsync(Caller caller, CancellationToken cancellation);

    /// <inheritdoc/>
    protected override async ValueTask<OpenFile> OpenCoreAsync(OpenFlags flags, Caller caller, CancellationToken cancellation) =>
        new BytesOpen(this, flags.CanRead() ? await RenderAsync(caller, cancellation) : default);
}
