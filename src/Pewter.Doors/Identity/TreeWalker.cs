using System.Text;
using Pewter.NineP;
using Pewter.NineP.Serving;

namespace Pewter.Doors.Identity;

/// <summary>A file that was found, and its path without links.</summary>
internal sealed record FoundFile(ServedFile File, string Path, ServedFile Directory)
{
    /// <summary>The last name of its path.</summary>
    public string Name => Path[(Path.LastIndexOf('/') + 1)..];
}

/// <summary>
/// Finds files by absolute paths from the root, following symbolic links, and never outside of a scope: a link that leads out of it is
/// refused like any other path out of it. Safe to share.
/// </summary>
internal sealed class TreeWalker(ServedFile root)
{
    private const int MaxLinks = 40;
    private const int MaxDepth = 64;
    private const int MaxNameBytes = 255;

    /// <summary>The scope of a token: its prefix, with the links in it followed. EACCES when there is no such place (any more).</summary>
    public async ValueTask<PathScope> ResolveScopeAsync(string prefix, CancellationToken cancellation)
    {
        if (PathScope.Of(prefix).IsWhole)
            return PathScope.Whole;
        try
        {
            return PathScope.Of((await FindAsync(prefix, Caller.System, PathScope.Whole, cancellation)).Path);
        }
        catch (FileException missing) when (missing.Errno is Errno.ENOENT or Errno.ENOTDIR)
        {
            throw new FileException(Errno.EACCES, $"What the token is good for, {prefix}, is not there.", missing);
        }
    }

    /// <summary>Finds a file. ENOENT when there is none, EACCES outside of the scope, EINVAL for a path that names none.</summary>
    public async ValueTask<FoundFile> FindAsync(string path, Caller caller, PathScope scope, CancellationToken cancellation)
    {
        var names = new Stack<string>(Split(path).Reverse());
        var walked = new List<(string Name, ServedFile File)>();
        var links = 0;
        while (names.TryPop(out var name))
        {
            if (name == "..")
            {
                if (walked.Count > 0)
                    walked.RemoveAt(walked.Count - 1);
                continue;
            }

            var directory = walked.Count > 0 ? walked[^1].File : root;
            var file = await directory.WalkAsync(name, caller, cancellation);
            var isLink = file is not null && file.Qid.Type.HasFlag(QidType.Symlink);
            // Outside of the scope a caller does not even learn whether a name is there.
            if (!isLink && !scope.Concerns($"{PathOf(walked)}/{name}"))
                throw OutOfScope(path);
            if (file is null)
                throw new FileException(Errno.ENOENT, $"{PathOf(walked)}/{name}: there is no such file.");
            if (!isLink)
            {
                walked.Add((name, file));
                continue;
            }

            if (++links > MaxLinks)
                throw new FileException(Errno.ELOOP, $"{path}: too many links.");
            var target = await file.ReadLinkAsync(caller, cancellation);
            if (target.StartsWith('/'))
                walked.Clear();
            foreach (var part in target.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(part => part != ".").Reverse())
                names.Push(part);
        }

        var found = PathOf(walked);
        if (!scope.Contains(found))
            throw OutOfScope(path);
        return walked.Count == 0
            ? new FoundFile(root, "/", root)
            : new FoundFile(walked[^1].File, found, walked.Count > 1 ? walked[^2].File : root);
    }

    /// <summary>The names of a path that came over a wire, each checked as a 9P server checks them.</summary>
    public static IReadOnlyList<string> Split(string path)
    {
        var names = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (names.Length > MaxDepth)
            throw new FileException(Errno.ENAMETOOLONG, $"A path has at most {MaxDepth} names.");
        foreach (var name in names)
        {
            if (name is "." or ".." || name.Contains('\0', StringComparison.Ordinal))
                throw new FileException(Errno.EINVAL, "A path is absolute and without dots.");
            if (Encoding.UTF8.GetByteCount(name) > MaxNameBytes)
                throw new FileException(Errno.ENAMETOOLONG, $"A name has at most {MaxNameBytes} bytes.");
        }

        return names;
    }

    private static FileException OutOfScope(string path) =>
        new(Errno.EACCES, $"{path} is outside of what the token is good for.");

    private static string PathOf(List<(string Name, ServedFile File)> walked) =>
        string.Concat(walked.Select(step => "/" + step.Name));
}
