namespace Pewter.CommandLine.Trees;

/// <summary>Paths of the tree: '/' between names, resolved as text before anything is sent.</summary>
internal static class TreePath
{
    /// <summary>The names along a path; "." and ".." are resolved, and a path without '/' at its start begins at the root too.</summary>
    public static IReadOnlyList<string> Split(string path)
    {
        var names = new List<string>();
        foreach (var name in path.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(name => name != "."))
        {
            if (name != "..")
            {
                names.Add(name);
            }
            else if (names.Count != 0)
            {
                names.RemoveAt(names.Count - 1);
            }
        }

        return names;
    }

    public static string Join(IEnumerable<string> names) => "/" + string.Join('/', names);

    public static string Child(string directory, string name) => directory == "/" ? "/" + name : $"{directory}/{name}";

    public static string Parent(string path) => path.LastIndexOf('/') is > 0 and var slash ? path[..slash] : "/";
}
