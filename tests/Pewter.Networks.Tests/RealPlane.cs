namespace Pewter.Networks.Tests;

/// <summary>The program <c>pewter-netd</c>: as the build of the tests left it, or named by <c>PEWTER_NETD</c>.</summary>
internal static class RealPlane
{
    /// <summary>A service with segments that are served.</summary>
    public static NetworkServiceOptions Options() => new() { PlanePath = Demand() };

    private static string Demand()
    {
        var path = Environment.GetEnvironmentVariable("PEWTER_NETD") ?? Find();
        Assert.SkipUnless(path is not null, "skipped, because pewter-netd is not built; 'eng/build.sh pewter-netd' builds it");
        return path!;
    }

    private static string? Find()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            var programs = new[] { "apps/pewter-netd/bin/Debug/net10.0/pewter-netd", "artifacts/pewter-netd/pewter-netd" };
            if (programs.Select(program => Path.Combine(directory.FullName, program)).FirstOrDefault(File.Exists) is { } found)
                return found;
        }

        return null;
    }
}
