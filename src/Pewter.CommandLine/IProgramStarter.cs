namespace Pewter.CommandLine;

/// <summary>Starts the daemon and asks about processes: the system in the program, a script in a test.</summary>
public interface IProgramStarter
{
    /// <summary>Starts a program that goes on after this one ends: its own session, its output into a file.</summary>
    /// <returns>The started process.</returns>
    IStartedProgram StartDetached(string program, IReadOnlyList<string> arguments, string outputFile);

    /// <summary>Runs a program with this terminal until it ends; returns its exit code.</summary>
    ValueTask<int> RunAsync(string program, IReadOnlyList<string> arguments, CancellationToken cancellation);

    /// <summary>Runs a program quietly and returns its exit code and output; null when there is no such program.</summary>
    ValueTask<(int ExitCode, string Output)?> AskAsync(string program, IReadOnlyList<string> arguments, CancellationToken cancellation);
}

/// <summary>A program that was started and may have ended.</summary>
public interface IStartedProgram
{
    /// <summary>The process's number.</summary>
    int Id { get; }

    /// <summary>Its exit code, or null while it runs.</summary>
    int? ExitCode { get; }
}
