namespace Pewter.Machines.Tests.Nodes;

/// <summary>The agent's program, which is built apart from the tests: <c>eng/build.sh pewter-node</c>, or named by <c>PEWTER_NODE</c>.</summary>
internal static class RealAgent
{
    /// <summary>The program; skips the test when it is not there, or when cells cannot be made.</summary>
    public static string Demand()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "skipped, because cells need root");
        var path = Environment.GetEnvironmentVariable("PEWTER_NODE") ?? Find();
        Assert.SkipUnless(path is not null && File.Exists(path), "skipped, because the agent is not built; 'eng/build.sh pewter-node' builds it");
        return path!;
    }

    private static string? Find()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            var program = Path.Combine(directory.FullName, "artifacts", "pewter-node", "pewter-node");
            if (File.Exists(program))
                return program;
        }

        return null;
    }
}
