using Pewter.NineP;
using Pewter.NineP.Serving;

namespace Pewter.Tree;

/// <summary>Lists subdirectories that are only names; the cookie is the place in the list.</summary>
internal static class NamesPage
{
    /// <summary>Adds the names after the cookie until the page is full.</summary>
    public static void Add(TreeFile directory, DirectoryPage page, ulong cookie, IReadOnlyList<string> names)
    {
        for (var i = (int)Math.Min(cookie, (ulong)names.Count); i < names.Count; i++)
        {
            var qid = new Qid(QidType.Directory, 0, QidPaths.Derive(directory.Qid.Path, names[i], 0));
            if (!page.TryAdd(qid, (ulong)i + 1, names[i]))
            {
                return;
            }
        }
    }
}
