using Pewter.NineP;
using Pewter.NineP.Serving;

namespace Pewter.Tree;

/// <summary>
/// A ctl: a write runs the commands in it and returns when they are done; a read on the same fid tells what became of each, and on a fresh fid
/// lists the commands. Offsets are ignored, the size is 0, truncating does nothing.
/// </summary>
/// <remarks>
/// Lines run in order and stop at the first that fails; its failure is the write's error. A write without a final newline runs its last line
/// at once when the write is short enough not to be a piece of a longer one, begins a line, and reads as a whole command; what is
/// still unfinished runs
/// when the fid is clunked. A line has at most 64 KiB.
/// </remarks>
public sealed class CtlFile : TreeFile
{
    /// <summary>The longest line, in bytes: a command with arguments, not a document.</summary>
    public const int MaxLineBytes = 64 << 10;

    private readonly CommandRunner _runner;

    internal CtlFile(CommandRunner runner)
        : base(QidType.File, UnixMode.Octal(660)) => _runner = runner;

    /// <summary>A ctl of one target.</summary>
    public static CtlFile For<T>(T target, CommandSet<T> commands) => new(new TargetRunner<T>(target, commands));

    /// <summary>What is told, and to nobody else, when the command left over at a clunk fails: the path and the failure.</summary>
    internal Action<string, FileException>? FailedAtClose { get; init; }

    /// <inheritdoc/>
    protected override ValueTask<OpenFile> OpenCoreAsync(OpenFlags flags, Caller caller, CancellationToken cancellation) =>
        new(Open(caller, ""));

    /// <summary>Opens it with something to read first instead of the list of commands.</summary>
    internal CtlOpen Open(Caller caller, string firstRead) =>
        new(this, _runner.Pin(), caller, firstRead) { FailedAtClose = FailedAtClose };
}
