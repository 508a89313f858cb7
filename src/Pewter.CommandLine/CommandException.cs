namespace Pewter.CommandLine;

/// <summary>An expected failure of a command: its sentence is printed after "pewter: " and the program ends with its code.</summary>
public sealed class CommandException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What is wrong and what to do, for the person at the terminal.</param>
    /// <param name="exitCode">How the program ends.</param>
    public CommandException(string message, int exitCode = CommandLine.ExitCode.Failed)
        : base(message) => ExitCode = exitCode;

    /// <summary>How the program ends.</summary>
    public int ExitCode { get; }
}
