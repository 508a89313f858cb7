namespace Pewter.System.Tests;

/// <summary>The programs under test: those that a person runs when <c>./test</c> has published them, else those of the build.</summary>
internal static class Programs
{
    private static readonly string Root = FindRoot();
    private static readonly bool IsPublished = Environment.GetEnvironmentVariable("PEWTER_TEST_PUBLISHED") == "1";

    public static string Pewter { get; } = IsPublished
        ? Path.Combine(Root, "artifacts/pewter/pewter")
        : Path.Combine(Root, "apps/pewter/bin/Debug/net9.0/pewter");

    public static string Pewterd { get; } = IsPublished
        ? Path.Combine(Root, "artifacts/pewterd/pewterd")
        : Path.Combine(Root, "apps/pewterd/bin/Debug/net10.0/pewterd");

    /// <summary>The server of disks.</summary>
    public static string Blockd { get; } = Server("pewter-blockd");

    /// <summary>The agent of nodes; null when it is not built.</summary>
    public static string? Agent { get; } = new[]
    {
        Environment.GetEnvironmentVariable("PEWTER_NODE"), Path.Combine(Root, "artifacts/pewter-node/pewter-node"),
    }.FirstOrDefault(File.Exists);

    /// <summary>The program that serves networks; null when it is not built.</summary>
    public static string? NetworkServer { get; } = new[]
    {
        Environment.GetEnvironmentVariable("PEWTER_NETD"), Server("pewter-netd"), Path.Combine(Root, "artifacts/pewter-netd/pewter-netd"),
    }.FirstOrDefault(File.Exists);

    /// <summary>Where kernels of guests are kept; the systems under test have a home of their own.</summary>
    public static string Cache { get; } = Environment.GetEnvironmentVariable("PEWTER_CACHE") ?? Path.Combine(
        Environment.GetEnvironmentVariable("XDG_CACHE_HOME")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache"),
        "pewter");

    /// <summary>A program of <c>examples/</c>.</summary>
    public static string Example(string name) => Path.Combine(Root, "examples", name, "bin/Debug/net10.0", name);

    /// <summary>Where nodes are needed.</summary>
    public static void RequireCells()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "skipped, because cells need root");
        Assert.SkipWhen(Agent is null, "skipped, because pewter-node is not built: run it by ./test");
    }

    /// <summary>Times are promised for the published programs; the others are compiled while they run.</summary>
    public static void RequirePublished()
    {
        if (!IsPublished)
        {
            Assert.Skip("skipped, because times are of the published programs: run it by ./test");
        }
    }

    private static string Server(string name) => IsPublished
        ? Path.Combine(Root, "artifacts", name, name)
        : Path.Combine(Root, "apps", name, "bin/Debug/net10.0", name);

    private static string FindRoot()
    {
        var directory = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(directory, "Pewter.slnx")))
        {
            directory = Path.GetDirectoryName(directory)!;
        }

        return directory;
    }
}
