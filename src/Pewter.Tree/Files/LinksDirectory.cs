using Pewter.NineP.Serving;

namespace Pewter.Tree;

/// <summary>A directory of symbolic links to objects, found and listed by code: what a relation between objects looks like.</summary>
/// <param name="links">The links that a caller may see, in the order of their numbers.</param>
public sealed class LinksDirectory(Func<Caller, IEnumerable<TreeLink>> links) : VirtualDirectory
{
    /// <inheritdoc/>
    protected internal override ValueTask ListAsync(ulong cookie, DirectoryPage page, Caller caller, CancellationToken cancellation)
    {
        foreach (var link in links(caller))
        {
            if ((ulong)link.Number > cookie && !page.TryAdd(File(link).Qid, (ulong)link.Number, link.Name))
            {
                break;
            }
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    protected override ValueTask<ServedFile?> FindAsync(string name, Caller caller, CancellationToken cancellation)
    {
        foreach (var link in links(caller))
        {
            if (link.Name == name)
            {
                return new(File(link));
            }
        }

        return new((ServedFile?)null);
    }

    private SymlinkFile File(TreeLink link)
    {
        var file = new SymlinkFile(link.Target) { OwnedBy = link.Owner };
        file.Place(this, link.Name, (uint)link.Number);
        return file;
    }
}
