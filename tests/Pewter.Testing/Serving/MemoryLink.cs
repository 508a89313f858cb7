using Pewter.NineP;
using Pewter.NineP.Serving;

namespace Pewter.Testing.Serving;

/// <summary>A symbolic link in memory.</summary>
public sealed class MemoryLink : MemoryFile
{
    private readonly string _target;

    public MemoryLink(string target)
        : base(QidType.Symlink) => (_target, Mode) = (target, 0x1FF);

    public override ValueTask<string> ReadLinkAsync(Caller caller, CancellationToken cancellation) => new(_target);

    public override ValueTask<OpenFile> OpenAsync(OpenFlags flags, Caller caller, CancellationToken cancellation) =>
        throw new FileException(Errno.ELOOP, "A link.");
}
