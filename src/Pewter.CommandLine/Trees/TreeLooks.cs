using System.Text;
using Pewter.NineP;
using Pewter.NineP.Serving;
using Pewter.Tree;
using Suggestion = Pewter.Configuration.Suggestion;

namespace Pewter.CommandLine.Trees;

/// <summary>Looks at a tree as a person does: with attributes, and with a suggestion where a name is mistyped.</summary>
internal static class TreeLooks
{
    /// <summary>As many as hide the time of a round trip; the server works on them at once.</summary>
    private const int StatsAtOnce = 32;

    /// <summary>Finds a file. A symbolic link at the end of the path is followed unless told otherwise.</summary>
    /// <exception cref="FileException">There is none; the sentence suggests the nearest name.</exception>
    public static async ValueTask<FoundFile> FindAsync(
        this TreeClient tree, string path, CancellationToken cancellation, bool followLast = true)
    {
        var names = TreePath.Split(path);
        var clean = TreePath.Join(names);
        try
        {
            return await FoundFile.DescribeAsync(clean, await tree.WalkAsync(clean, followLast, cancellation), tree.Caller, cancellation);
        }
        catch (FileException missing) when (missing.Errno == Errno.ENOENT)
        {
            throw await ExplainAsync(tree, names, missing, cancellation);
        }
    }

    /// <summary>Reads a small file whole, as text; a mistyped path is answered as by <see cref="FindAsync"/>.</summary>
    public static async ValueTask<string> TextAsync(this TreeClient tree, string path, CancellationToken cancellation)
    {
        var found = await tree.FindAsync(path, cancellation);
        await using var open = await tree.OpenAsync(found.File, OpenFlags.ReadOnly, cancellation);
        return Encoding.UTF8.GetString(await open.ReadToEndAsync(cancellation));
    }

    /// <summary>The names in a directory with their kinds, in its own order, and no stat.</summary>
    public static async ValueTask<IReadOnlyList<TreeEntry>> NamesAsync(this TreeClient tree, ServedFile directory, CancellationToken cancellation)
    {
        await using var open = await tree.OpenAsync(directory, OpenFlags.Directory, cancellation);
        return [.. (await open.ReadDirectoryAsync(cancellation)).Where(entry => entry.Name is not ("." or ".."))];
    }

    /// <summary>The files in a directory; what vanished in between is left out.</summary>
    public static async ValueTask<IReadOnlyList<FoundFile>> ListAsync(this TreeClient tree, FoundFile directory, CancellationToken cancellation)
    {
        var names = await tree.NamesAsync(directory.File, cancellation);
        var files = new FoundFile?[names.Count];
        var options = new ParallelOptions { MaxDegreeOfParallelism = StatsAtOnce, CancellationToken = cancellation };
        await Parallel.ForAsync(0, names.Count, options, async (i, token) =>
        {
            var path = TreePath.Child(directory.Path, names[i].Name);
            var file = await directory.File.WalkAsync(names[i].Name, tree.Caller, token);
            files[i] = file is null ? null : await FoundFile.DescribeAsync(path, file, tree.Caller, token);
        });
        return [.. files.OfType<FoundFile>()];
    }

    /// <summary>The name with '/' behind a directory and '@' behind a link, as <c>ls -F</c> prints it.</summary>
    public static string Marked(this TreeEntry entry) => entry.Qid.Type.HasFlag(QidType.Directory) ? entry.Name + "/"
        : entry.Qid.Type.HasFlag(QidType.Symlink) ? entry.Name + "@" : entry.Name;

    /// <summary>The first name along the path that is not there, and what it may have been meant to be.</summary>
    private static async ValueTask<FileException> ExplainAsync(
        TreeClient tree, IReadOnlyList<string> names, FileException missing, CancellationToken cancellation)
    {
        try
        {
            for (var i = 0; i < names.Count; i++)
            {
                var directory = await tree.WalkAsync(TreePath.Join(names.Take(i)), cancellation);
                if (await directory.WalkAsync(names[i], tree.Caller, cancellation) is null)
                {
                    var near = await tree.NamesAsync(directory, cancellation);
                    var suggestion = Suggestion.Sentence(names[i], near.Select(entry => entry.Name));
                    return Missing(names, i, suggestion);
                }
            }
        }
        catch (FileException)
        {
            // Not readable: nothing to suggest from.
        }

        return missing;
    }

    private static FileException Missing(IReadOnlyList<string> names, int last, string suggestion) =>
        new(Errno.ENOENT, $"{TreePath.Join(names.Take(last + 1))}: there is no such file.{suggestion}");
}
