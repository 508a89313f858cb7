namespace Pewter.Hosting;

/// <summary>Finds the other programs of Pewter.</summary>
public static class InstalledProgram
{
    /// <summary>
    /// The path of a program: what the variable says, else beside this program when installed, in a directory of its own beside this one's when built
    /// from source, or in <c>PATH</c>; null when there is none.
    /// </summary>
    /// <param name="name">The program, such as <c>pewter-blockd</c>.</param>
    /// <param name="variable">A variable of the environment that names another, such as <c>PEWTER_BLOCKD</c>.</param>
    public static string? Find(string name, string variable)
    {
        IEnumerable<string> near = [AppContext.BaseDirectory, Path.Combine(AppContext.BaseDirectory, "..", name)];
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries);
        return Environment.GetEnvironmentVariable(variable) is { Length: > 0 } named ? named
            : near.Concat(path).Select(directory => Path.GetFullPath(Path.Combine(directory, name))).FirstOrDefault(File.Exists);
    }
}
