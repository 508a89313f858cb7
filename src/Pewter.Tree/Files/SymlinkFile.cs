using Pewter.NineP;
using Pewter.NineP.Serving;

namespace Pewter.Tree;

/// <summary>A symbolic link: a name bound to an id.</summary>
public sealed class SymlinkFile : TreeFile
{
    private readonly string _target;

    /// <summary>Creates the link.</summary>
    /// <param name="target">Where it leads, relative to its directory.</param>
    public SymlinkFile(string target)
        : base(QidType.Symlink, UnixMode.Octal(777)) => _target = target;

    /// <inheritdoc/>
    protected override ulong Size => (ulong)System.Text.Encoding.UTF8.GetByteCount(_target);

    /// <inheritdoc/>
    public override ValueTask<string> ReadLinkAsync(Caller caller, CancellationToken cancellation) => new(_target);

    /// <inheritdoc/>
    protected override ValueTask<OpenFile> OpenCoreAsync(OpenFlags flags, Caller caller, CancellationToken cancellation) =>
        throw new FileException(Errno.ELOOP, $"{Path} is a symbolic link.");
}
