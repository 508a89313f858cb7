using Pewter.NineP.Serving;

namespace Pewter.Node.HostFiles;

/// <summary>An open directory of the host: the names as they were when listing began, so that cookies stay with them.</summary>
internal sealed class HostDirectoryOpen(HostFile file, HostDirectory root, string path) : OpenFile(file)
{
    private IReadOnlyList<string>? _names;

    public override ValueTask ReadDirectoryAsync(ulong cookie, DirectoryPage page, CancellationToken cancellation)
    {
        var names = cookie == 0 || _names is null ? _names = root.Names(path) : _names;
        for (var i = (int)Math.Min(cookie, (ulong)names.Count); i < names.Count; i++)
        {
            // A name that has gone meanwhile, or is of a kind that is not shown, is left out.
            if (root.Find(path.Length == 0 ? names[i] : $"{path}/{names[i]}", File) is { } found
                && !page.TryAdd(found.Qid, (ulong)i + 1, names[i]))
            {
                break;
            }
        }

        return ValueTask.CompletedTask;
    }
}
