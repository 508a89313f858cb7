using Pewter.NineP;
using Pewter.NineP.Serving;

namespace Pewter.Tree;

/// <summary>
/// Where objects stand in a listing: after the fixed files, by number, each followed by the link of its name. Cookies are made from the numbers,
/// so they stay with their entry for ever.
/// </summary>
internal static class ObjectCookies
{
    /// <summary>The number after which a listing goes on.</summary>
    public static ulong NumberBefore(ulong cookie)
    {
        if (cookie <= FixedFiles.LastCookie)
        {
            return 0;
        }

        // After an object's own entry its link is still to come, so the object is looked at again.
        var position = cookie - FixedFiles.LastCookie - 1;
        return position % 2 == 0 ? (position / 2) - 1 : position / 2;
    }

    /// <summary>Adds what of an object comes after the cookie; false when the page is full.</summary>
    public static bool TryAdd<T>(DirectoryPage page, ulong cookie, TreeObject<T> target)
        where T : class
    {
        var own = FixedFiles.LastCookie + 1 + ((ulong)target.Number * 2);
        var (id, directory) = (target.Id, target.Collection.Qid.Path);
        if (cookie < own && !page.TryAdd(new Qid(QidType.Directory, 0, QidPaths.Derive(directory, id, 0)), own, id))
        {
            return false;
        }

        return target.Name is not { } name
            || page.TryAdd(new Qid(QidType.Symlink, 0, QidPaths.Derive(directory, name, (uint)target.Number)), own + 1, name);
    }
}
