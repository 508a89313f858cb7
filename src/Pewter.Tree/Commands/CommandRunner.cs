using Pewter.NineP.Serving;

namespace Pewter.Tree;

/// <summary>What stands behind a ctl: one object, all matches of a query, or the ctls of many children.</summary>
internal abstract class CommandRunner
{
    /// <summary>The runner of one open: what it acts on is fixed from here on.</summary>
    public virtual CommandRunner Pin() => this;

    /// <summary>The list of commands.</summary>
    public abstract ValueTask<string> HelpAsync(Caller caller, CancellationToken cancellation);

    /// <summary>Whether an unterminated line can be run.</summary>
    public abstract LineState Judge(string line);

    /// <summary>Runs one line that is not blank.</summary>
    /// <param name="path">The directory of the ctl that it was written to.</param>
    /// <param name="line">The command.</param>
    /// <param name="caller">Who gave it.</param>
    /// <param name="cancellation">Gives up; nothing has happened then.</param>
    public abstract ValueTask<CommandOutcome> RunAsync(string path, string line, Caller caller, CancellationToken cancellation);
}
