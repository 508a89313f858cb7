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

    /// <summary>Where in a list of objects a listing of ids goes on.</summary>
    public static int FirstAfter<T>(IReadOnlyList<TreeObject<T>> objects, ulong cookie)
        where T : class
    {
        var (low, high) = (0, objects.Count);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            (low, high) = CookieOf(objects[middle]) <= cookie ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    /// <summary>Adds an object's own entry; false when the page is full.</summary>
    public static bool TryAddId<T>(DirectoryPage page, TreeObject<T> target)
        where T : class =>
        page.TryAdd(new Qid(QidType.Directory, 0, QidPaths.Derive(target.Collection.Qid.Path, target.Id, 0)), CookieOf(target), target.Id);

    /// <summary>Adds what of an object comes after the cookie; false when the page is full.</summary>
    public static bool TryAdd<T>(DirectoryPage page, ulong cookie, TreeObject<T> target)
        where T : class
    {
        var (own, directory) = (CookieOf(target), target.Collection.Qid.Path);
        return (cookie >= own || TryAddId(page, target)) && (target.Name is not { } name
            || page.TryAdd(QidOfName(target, directory, name), own + 1, name));
    }

    private static Qid QidOfName<T>(TreeObject<T> target, ulong directory, string name)
        where T : class =>
        target.Collection.Kind.Named?.Invoke(target.Item).Qid ?? new Qid(QidType.Symlink, 0, QidPaths.Derive(directory, name, (uint)target.Number));

    private static ulong CookieOf<T>(TreeObject<T> target)
        where T : class => FixedFiles.LastCookie + 1 + ((ulong)target.Number * 2);
}
