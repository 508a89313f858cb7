namespace Pewter.Node.Processes;

/// <summary>Finds programs as execvp(3) does.</summary>
internal static class ProgramSearch
{
    private const UnixFileMode AnyExecute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>
    /// The path to run. A name that is found nowhere comes back with the place it was expected, so that the exec itself gives the error.
    /// </summary>
    internal static string Find(ProcessSpec spec)
    {
        var program = spec.Arguments[0];
        if (program.Contains('/', StringComparison.Ordinal))
        {
            return program;
        }

        string? refused = null;
        foreach (var directory in spec.SearchPath.Split(':', StringSplitOptions.RemoveEmptyEntries))
        {
            var path = $"{directory}/{program}";
            if (!File.Exists(path))
            {
                continue;
            }

            if ((File.GetUnixFileMode(path) & AnyExecute) != 0)
            {
                return path;
            }

            refused ??= path;
        }

        return refused ?? program;
    }
}
