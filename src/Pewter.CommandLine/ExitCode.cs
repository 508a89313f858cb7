namespace Pewter.CommandLine;

/// <summary>What the command line ends with; where a remote program ran, its own code instead.</summary>
public static class ExitCode
{
    /// <summary>Done.</summary>
    public const int Ok = 0;

    /// <summary>It failed; the reason is on standard error.</summary>
    public const int Failed = 1;

    /// <summary>The command line itself is wrong, or the configuration.</summary>
    public const int Usage = 2;

    /// <summary>The time given by <c>--timeout</c> was over.</summary>
    public const int TimedOut = 124;

    /// <summary>As in a shell: the program was found and cannot be executed.</summary>
    public const int NotExecutable = 126;

    /// <summary>As in a shell: there is no such program.</summary>
    public const int NotFound = 127;

    /// <summary>Interrupted by Ctrl-C.</summary>
    public const int Interrupted = 130;
}
