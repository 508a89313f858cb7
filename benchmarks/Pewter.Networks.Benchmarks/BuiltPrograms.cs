namespace Pewter.Networks.Benchmarks;

/// <summary>The programs that <c>./bench</c> has built, told to the services by their variables unless somebody named others.</summary>
internal static class BuiltPrograms
{
    /// <summary>Finds them.</summary>
    public static void Find()
    {
        foreach (var (name, variable) in (ReadOnlySpan<(string, string)>)
            [("pewter-netd", "PEWTER_NETD"), ("pewter-blockd", "PEWTER_BLOCKD"), ("pewter-node", "PEWTER_NODE")])
        {
            for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            {
                var program = Path.Combine(folder.FullName, "artifacts", name, name);
                if (Environment.GetEnvironmentVariable(variable) is null && File.Exists(program))
                    Environment.SetEnvironmentVariable(variable, program);
            }
        }
    }
}
