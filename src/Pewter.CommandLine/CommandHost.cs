using Pewter.CommandLine.Connecting;

namespace Pewter.CommandLine;

/// <summary>
/// What surrounds the command line: streams, environment, clock and the way to a tree. The program hands in the real ones, a test its own, so
/// that every command runs in process. Immutable.
/// </summary>
public sealed record CommandHost
{
    /// <summary>Where data goes.</summary>
    public required Stream Output { get; init; }

    /// <summary>Where progress and messages go.</summary>
    public required TextWriter Messages { get; init; }

    /// <summary>Where the errors of programs go, byte by byte; null: as text to <see cref="Messages"/>.</summary>
    public Stream? Errors { get; init; }

    /// <summary>The signals that reach this program; null: none are taken.</summary>
    public ISignalSource? Signals { get; init; }

    /// <summary>The terminal behind <see cref="Input"/>; null when that is none.</summary>
    public ITerminal? Terminal { get; init; }

    /// <summary>Where <c>write</c> without data reads from.</summary>
    public required Stream Input { get; init; }

    /// <summary>Looks a variable of the environment up.</summary>
    public required Func<string, string?> Variable { get; init; }

    /// <summary>Reaches the tree.</summary>
    public required ITreeConnector Connector { get; init; }

    /// <summary>Starts programs.</summary>
    public required IProgramStarter Programs { get; init; }

    /// <summary>The clock of timeouts and watches.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Whether <see cref="Output"/> is a terminal.</summary>
    public bool OutputIsTerminal { get; init; }

    /// <summary>Whether <see cref="Messages"/> go to a terminal.</summary>
    public bool MessagesAreTerminal { get; init; }

    /// <summary>Whether the user is root.</summary>
    public bool IsRoot { get; init; }

    /// <summary>Columns of the terminal, asked for only when something is laid out on it.</summary>
    public Func<int> Width { get; init; } = () => int.MaxValue;
}
