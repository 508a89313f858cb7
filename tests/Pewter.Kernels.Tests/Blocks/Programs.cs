namespace Pewter.Kernels.Tests.Blocks;

/// <summary>Programs of this machine that go into guests.</summary>
internal static class Programs
{
    public static string Cache => Environment.GetEnvironmentVariable("PEWTER_CACHE") ?? Path.Join(
        Environment.GetEnvironmentVariable("XDG_CACHE_HOME")
            ?? Path.Join(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache"),
        "pewter");

    public static string Require(string name)
    {
        string? path = ((string[])["/usr/sbin", "/sbin", "/usr/bin", "/bin"]).Select(d => Path.Join(d, name)).FirstOrDefault(File.Exists);
        if (path is null)
            Assert.Skip($"skipped, because {name} is not installed");
        return path;
    }

    /// <summary>A file of the cache, which <paramref name="script"/> makes.</summary>
    public static string RequireCached(string name, string script)
    {
        string path = Path.Join(Cache, name);
        if (!File.Exists(path) && !Directory.Exists(path))
            Assert.Skip($"skipped, because {name} is not in the cache: run '{script}'");
        return path;
    }
}
