using System.Text;
using Pewter.NineP;
using Pewter.NineP.Serving;

namespace Pewter.Tree;

/// <summary>
/// A program's view of a tree, in process: paths, texts, commands. It asks the same files in the same way as every door does, as one
/// caller, so it
/// can do what that caller could do from a shell and nothing else. Works on local and remote trees alike. Safe to share.
/// </summary>
/// <param name="root">Where paths begin.</param>
/// <param name="caller">Who asks.</param>
public sealed class TreeClient(ServedFile root, Caller caller)
{
    /// <summary>As in Linux: more links than this on one path are a loop.</summary>
    private const int MaxLinks = 40;

    /// <summary>Where paths begin.</summary>
    public ServedFile Root => root;

    /// <summary>Who asks.</summary>
    public Caller Caller => caller;

    /// <summary>Finds a file, following links. ENOENT when there is none.</summary>
    public ValueTask<ServedFile> WalkAsync(string path, CancellationToken cancellation = default) => WalkAsync(path, true, cancellation);

    /// <summary>
    /// Finds a file, following links unless the path ends with one and <paramref name="followLast"/> is false. ENOENT when there is
    /// none.
    /// </summary>
    public async ValueTask<ServedFile> WalkAsync(string path, bool followLast, CancellationToken cancellation = default)
    {
        var (links, file) = (0, root);
        var names = new Stack<string>(Split(path).Reverse());
        while (names.TryPop(out var name))
        {
            var directory = file;
            file = name == ".." ? directory.Parent ?? directory : await directory.WalkAsync(name, caller, cancellation)
                ?? throw new FileException(Errno.ENOENT, $"{path}: there is no {name}.");
            if (file.Qid.Type.HasFlag(QidType.Symlink) && (followLast || names.Count > 0))
            {
                var target = ++links <= MaxLinks ? await file.ReadLinkAsync(caller, cancellation)
                    : throw new FileException(Errno.ELOOP, $"{path}: too many symbolic links.");
                file = target.StartsWith('/') ? root : directory;
                foreach (var part in Split(target).Reverse())
                {
                    names.Push(part);
                }
            }
        }

        return file;
    }

    /// <summary>Reads the attributes of a file.</summary>
    public async ValueTask<FileStat> StatAsync(string path, CancellationToken cancellation = default) =>
        await (await WalkAsync(path, cancellation)).StatAsync(caller, cancellation);

    /// <summary>Opens a file.</summary>
    public async ValueTask<TreeHandle> OpenAsync(string path, OpenFlags flags = OpenFlags.ReadOnly, CancellationToken cancellation = default) =>
        await OpenAsync(await WalkAsync(path, cancellation), flags, cancellation);

    /// <summary>Opens a file that was found before.</summary>
    public async ValueTask<TreeHandle> OpenAsync(ServedFile file, OpenFlags flags = OpenFlags.ReadOnly, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(file);
        return new(await file.OpenAsync(flags, caller, cancellation));
    }

    /// <summary>Names in a directory.</summary>
    public async ValueTask<IReadOnlyList<string>> ListAsync(string path, CancellationToken cancellation = default)
    {
        await using var directory = await OpenAsync(path, OpenFlags.Directory, cancellation);
        return [.. (await directory.ReadDirectoryAsync(cancellation)).Select(entry => entry.Name)];
    }

    /// <summary>Reads a file to its end.</summary>
    public async ValueTask<byte[]> ReadBytesAsync(string path, CancellationToken cancellation = default)
    {
        await using var file = await OpenAsync(path, OpenFlags.ReadOnly, cancellation);
        return await file.ReadToEndAsync(cancellation);
    }

    /// <summary>Reads a file to its end, as text.</summary>
    public async ValueTask<string> ReadTextAsync(string path, CancellationToken cancellation = default) =>
        Encoding.UTF8.GetString(await ReadBytesAsync(path, cancellation));

    /// <summary>Replaces the content of a file, or writes to a stream.</summary>
    public async ValueTask WriteTextAsync(string path, string text, CancellationToken cancellation = default)
    {
        await using var file = await OpenAsync(path, OpenFlags.WriteOnly | OpenFlags.Truncate, cancellation);
        await file.WriteTextAsync(text, cancellation);
    }

    /// <summary>
    /// Gives a command to a ctl and returns what became of it, a reply a target, also when it failed. The words are quoted as they need it.
    /// </summary>
    /// <exception cref="FileException">The ctl could not be opened, or refused the line without saying more.</exception>
    public async ValueTask<IReadOnlyList<CommandReply>> TryCommandAsync(
        string path, IEnumerable<string> words, CancellationToken cancellation = default)
    {
        await using var ctl = await OpenAsync(path, OpenFlags.ReadWrite, cancellation);
        return await ctl.TryCommandAsync(RcQuoting.Join(words), cancellation);
    }

    /// <summary>Gives a command to a ctl and returns what became of it; throws the first failure among its targets.</summary>
    public async ValueTask<IReadOnlyList<CommandReply>> CommandAsync(
        string path, IEnumerable<string> words, CancellationToken cancellation = default)
    {
        var replies = await TryCommandAsync(path, words, cancellation);
        return replies.FirstOrDefault(reply => !reply.IsOk) is { } failed ? throw new FileException(failed.Errno, failed.Error) : replies;
    }

    /// <summary>Opens the clone of a collection: a handle on the new object's ctl, and the object's id.</summary>
    public async ValueTask<(string Id, TreeHandle Ctl)> CloneAsync(string collection, CancellationToken cancellation = default)
    {
        var ctl = await OpenAsync(collection + "/clone", OpenFlags.ReadWrite, cancellation);
        try
        {
            return ((await ctl.ReadTextAsync(cancellation)).TrimEnd('\n'), ctl);
        }
        catch
        {
            await ctl.DisposeAsync();
            throw;
        }
    }

    private static IEnumerable<string> Split(string path) =>
        path.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(name => name != ".");
}
