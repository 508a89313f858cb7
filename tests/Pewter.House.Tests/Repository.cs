namespace Pewter.House.Tests;

/// <summary>The source tree that these tests judge: found from where the test program lies.</summary>
internal static class Repository
{
    private static readonly string[] NotSource = ["bin", "obj", "artifacts", "node_modules", "TestResults", ".git", ".vs", ".idea"];

    public static string Root { get; } = FindRoot();

    /// <summary>Paths of all files, from the root, with '/'; build outputs are left out.</summary>
    public static IReadOnlyList<string> Files { get; } = [.. Walk(new DirectoryInfo(Root)).Order(StringComparer.Ordinal)];

    public static IEnumerable<string> CSharpFiles => Files.Where(file => file.EndsWith(".cs", StringComparison.Ordinal));

    public static string Read(string file) => File.ReadAllText(Path.Combine(Root, file));

    private static string FindRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "Pewter.slnx")))
        {
            directory = directory.Parent;
        }

        return directory?.FullName ?? throw new InvalidOperationException("Pewter.slnx is in no directory above the tests.");
    }

    private static IEnumerable<string> Walk(DirectoryInfo directory)
    {
        foreach (var file in directory.EnumerateFiles())
        {
            yield return Path.GetRelativePath(Root, file.FullName);
        }

        foreach (var child in directory.EnumerateDirectories().Where(child => !NotSource.Contains(child.Name) && child.LinkTarget is null))
        {
            foreach (var file in Walk(child))
            {
                yield return file;
            }
        }
    }
}
