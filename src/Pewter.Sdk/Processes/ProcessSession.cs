using Pewter.NineP.Serving;
using Pewter.Tree;

namespace Pewter.Sdk;

/// <summary>
/// A session of <c>/proc</c>: what a process and a group have in common. Holds the session's ctl open, so that it stays in the tree until
/// this is disposed, however long its process is over; disposing ends no process. Safe to share.
/// </summary>
public abstract class ProcessSession : IAsyncDisposable
{
    private readonly TreeHandle? _hold;
    private int _isDisposed;

    private protected ProcessSession(TreeClient tree, string path, TreeHandle? hold) => (Tree, Path, _hold) = (tree, path, hold);

    /// <summary>Its directory, such as <c>/proc/7</c> or <c>/proc/7/3</c>.</summary>
    public string Path { get; }

    /// <summary>Its path below <c>/proc</c>: <c>7</c>, or <c>7/3</c> in a group.</summary>
    public string Id => Path[(Path.LastIndexOf("/proc/", StringComparison.Ordinal) + "/proc/".Length)..];

    private protected TreeClient Tree { get; }

    /// <summary>Its input. Closing the last of these is the end of it, unless <see cref="SpawnSpec.ExplicitEnd"/> was asked for.</summary>
    public ValueTask<TreeStream> OpenInputAsync(CancellationToken cancellation = default) => OpenAsync("stdin", OpenFlags.WriteOnly, cancellation);

    /// <summary>
    /// Its output from the oldest byte that is kept; that of a group is lines, each behind the number of its process: <c>3: text</c>.
    /// </summary>
    public ValueTask<TreeStream> OpenOutputAsync(CancellationToken cancellation = default) => OpenAsync("stdout", OpenFlags.ReadOnly, cancellation);

    /// <summary>Its errors, as <see cref="OpenOutputAsync"/>.</summary>
    public ValueTask<TreeStream> OpenErrorsAsync(CancellationToken cancellation = default) => OpenAsync("stderr", OpenFlags.ReadOnly, cancellation);

    /// <summary>Reads its output to the end, which is when it is over.</summary>
    public ValueTask<string> ReadOutputAsync(CancellationToken cancellation = default) => Tree.ReadTextAsync(Path + "/stdout", cancellation);

    /// <summary>Reads its errors to the end, which is when it is over.</summary>
    public ValueTask<string> ReadErrorsAsync(CancellationToken cancellation = default) => Tree.ReadTextAsync(Path + "/stderr", cancellation);

    /// <summary>
    /// Kills all of it now, or, with a grace, asks it to end (TERM) and kills what has not after that. Returns when it is done; ESRCH when
    /// nothing runs.
    /// </summary>
    public ValueTask KillAsync(TimeSpan? grace = null, CancellationToken cancellation = default) => grace is { } time
        ? TellAsync(["stop", FormattableString.Invariant($"grace={time.TotalMilliseconds:0}ms")], cancellation)
        : TellAsync(["kill"], cancellation);

    /// <summary>Sends a signal: <c>INT</c>, <c>USR1</c>, <c>15</c>.</summary>
    /// <param name="name">The signal.</param>
    /// <param name="toGroup">To the whole process group, as a terminal does, and not to the main process alone.</param>
    /// <param name="cancellation">Gives up.</param>
    public ValueTask SignalAsync(string name, bool toGroup = false, CancellationToken cancellation = default) =>
        TellAsync(toGroup ? ["signal", name, "to=group"] : ["signal", name], cancellation);

    /// <summary>Waits until all of it is over, however that is.</summary>
    public async ValueTask EndAsync(CancellationToken cancellation = default) => await Tree.ReadBytesAsync(Path + "/wait", cancellation);

    /// <summary>Tells it the end of its input, whoever has it open.</summary>
    public ValueTask EndInputAsync(CancellationToken cancellation = default) => TellAsync(["eof"], cancellation);

    /// <summary>Feeds its input from the output of another session, or from any file of the tree, on the shortest way between their nodes.</summary>
    public ValueTask SpliceFromAsync(string path, int descriptor = 1, CancellationToken cancellation = default) =>
        TellAsync(["splice", path, FormattableString.Invariant($"{descriptor}"), "0"], cancellation);

    /// <summary>Gives its ctl a command.</summary>
    public async ValueTask TellAsync(IEnumerable<string> words, CancellationToken cancellation = default) =>
        await Tree.CommandAsync(Path + "/ctl", words, cancellation);

    /// <summary>Kills what runs of it and forgets it: its directory goes.</summary>
    public ValueTask WipeAsync(CancellationToken cancellation = default) => TellAsync(["wipe"], cancellation);

    /// <summary>Lets go of it. What runs goes on.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0 && _hold is not null)
        {
            await _hold.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    private protected async ValueTask<TreeStream> OpenAsync(string name, OpenFlags flags, CancellationToken cancellation) =>
        new(await Tree.OpenAsync($"{Path}/{name}", flags, cancellation), flags.CanRead(), flags.CanWrite());
}
