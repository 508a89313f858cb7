namespace Pewter.Node.Tests.Agents;

/// <summary>The published agent, or the one that PEWTER_AGENT names.</summary>
internal static class AgentProgram
{
    public static string Path
    {
        get
        {
            var path = Environment.GetEnvironmentVariable("PEWTER_AGENT") ?? System.IO.Path.Combine(Root(), "artifacts/pewter-node/pewter-node");
            Assert.SkipUnless(File.Exists(path), "skipped, because the agent is not built: run eng/build.sh pewter-node");
            Assert.SkipUnless(Environment.IsPrivilegedProcess, "skipped, because it needs root");
            return path;
        }
    }

    private static string Root()
    {
        var directory = AppContext.BaseDirectory;
        while (!File.Exists(System.IO.Path.Combine(directory, "Pewter.slnx")))
        {
            directory = System.IO.Path.GetDirectoryName(directory)!;
        }

        return directory;
    }
}
