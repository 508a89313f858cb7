using Pewter.NineP.Serving;

namespace Pewter.Tree;

/// <summary>The few files that a generated directory always has, listed first. Filled at construction, then only read.</summary>
internal sealed class FixedFiles(TreeFile directory)
{
    /// <summary>Cookies of other entries begin after this.</summary>
    public const ulong LastCookie = 15;

    private readonly List<TreeFile> _files = [];
    private readonly List<TreeFile> _unlisted = [];

    /// <summary>Adds a file and gives it its place.</summary>
    public void Add(string name, TreeFile file)
    {
        file.Place(directory, name);
        _files.Add(file);
    }

    /// <summary>Adds a file that can be walked to and is not listed, so that <c>find</c> and <c>ls -R</c> come to an end.</summary>
    public void AddUnlisted(string name, TreeFile file)
    {
        file.Place(directory, name);
        _unlisted.Add(file);
    }

    /// <summary>Finds a file, listed or not; null when there is none.</summary>
    public TreeFile? Find(string name) => _files.Find(file => file.Name == name) ?? _unlisted.Find(file => file.Name == name);

    /// <summary>Lists what comes after a cookie; false when the page is full.</summary>
    public bool List(ulong cookie, DirectoryPage page)
    {
        for (var i = (int)Math.Min(cookie, LastCookie); i < _files.Count; i++)
        {
            if (!page.TryAdd(_files[i].Qid, (ulong)i + 1, _files[i].Name))
            {
                return false;
            }
        }

        return true;
    }
}
