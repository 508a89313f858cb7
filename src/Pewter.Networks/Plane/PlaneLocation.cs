using Pewter.NineP;

namespace Pewter.Networks.Plane;

/// <summary>Finds the program <c>pewter-netd</c>.</summary>
internal static class PlaneLocation
{
    private const string Program = "pewter-netd";

    /// <summary>Beside this program when installed, in a directory of its own when built from source, or in <c>PATH</c>.</summary>
    /// <exception cref="FileException">ENOENT: it is nowhere.</exception>
    public static string Find()
    {
        IEnumerable<string> near = [AppContext.BaseDirectory, Path.Combine(AppContext.BaseDirectory, "..", Program)];
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries);
        return Environment.GetEnvironmentVariable("PEWTER_NETD")
            ?? near.Concat(path).Select(directory => Path.GetFullPath(Path.Combine(directory, Program))).FirstOrDefault(File.Exists)
            ?? throw new FileException(Errno.ENOENT, $"the program {Program} is not there; install it beside pewterd or name it in PEWTER_NETD.");
    }
}
