using System.Runtime.CompilerServices;
using System.Text;
using Pewter.Configuration;
using Pewter.NineP;
using Pewter.NineP.Serving;

namespace Pewter.CommandLine.Trees;

/// <summary>
/// What commands do to a tree: find, list, read and write by path. It knows only the file contract, so the tree may be remote or in memory.
/// May be used by several tasks at once.
/// </summary>
public sealed class TreeClient
{
    private const int LinksMax = 32;
    private const int ReadBytes = 64 * 1024;

    /// <summary>As many as hide the time of a round trip; the server works on them at once.</summary>
    private const int StatsAtOnce = 32;

    internal TreeClient(ServedFile root, Caller caller) => (Root, Caller) = (root, caller);

    /// <summary>The root of the tree.</summary>
    public ServedFile Root { get; }

    /// <summary>Who asks.</summary>
    public Caller Caller { get; }

    /// <summary>Finds a file, following symbolic links.</summary>
    /// <exception cref="FileException">There is none; the sentence suggests the nearest name.</exception>
    public ValueTask<TreeEntry> FindAsync(string path, CancellationToken cancellation) => FindAsync(path, followLast: true, cancellation);

    /// <summary>Finds a file; a symbolic link at the end of the path is followed only when asked for.</summary>
    public async ValueTask<TreeEntry> FindAsync(string path, bool followLast, CancellationToken cancellation)
    {
        var names = TreePath.Split(path);
        for (var links = 0; links <= LinksMax; links++)
        {
            var (file, walked, target) = await WalkAsync(names, followLast, cancellation);
            if (target is null)
            {
                return await DescribeAsync(TreePath.Join(names), file, cancellation);
            }

            // A link is resolved as text: "/x" from the root, "x" and "../x" from where the link lies.
            var start = target.StartsWith('/') ? target : TreePath.Join([.. names.Take(walked), target]);
            names = TreePath.Split(TreePath.Join([start, .. names.Skip(walked + 1)]));
        }

        throw new FileException(Errno.ELOOP, $"{path}: more than {LinksMax} symbolic links.");
    }

    /// <summary>The names in a directory with their kinds, in its own order; one read for many, and no stat.</summary>
    public async ValueTask<IReadOnlyList<TreeName>> NamesAsync(ServedFile directory, CancellationToken cancellation)
    {
        await using var open = await OpenAsync(directory, OpenFlags.Directory, cancellation);
        var names = new List<TreeName>();
        ulong cookie = 0;
        while (true)
        {
            var page = new NamePage();
            await open.ReadDirectoryAsync(cookie, page, cancellation);
            if (page.Names.Count == 0)
            {
                return names;
            }

            names.AddRange(page.Names.Where(name => name.Name is not ("." or "..")));
            cookie = page.LastCookie;
        }
    }

    /// <summary>The files in a directory; what vanished in between is left out.</summary>
    public async ValueTask<IReadOnlyList<TreeEntry>> ListAsync(TreeEntry directory, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(directory);
        var names = await NamesAsync(directory.File, cancellation);
        var entries = new TreeEntry?[names.Count];
        var options = new ParallelOptions { MaxDegreeOfParallelism = StatsAtOnce, CancellationToken = cancellation };
        await Parallel.ForAsync(0, names.Count, options, async (i, token) =>
        {
            var path = TreePath.Child(directory.Path, names[i].Name);
            var file = await directory.File.WalkAsync(names[i].Name, Caller, token);
            entries[i] = file is null ? null : await DescribeAsync(path, file, token);
        });
        return [.. entries.OfType<TreeEntry>()];
    }

    /// <summary>Opens a file.</summary>
    public ValueTask<OpenFile> OpenAsync(ServedFile file, OpenFlags flags, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(file);
        return file.OpenAsync(flags, Caller, cancellation);
    }

    /// <summary>Reads a file to its end, piece by piece; a stream's end is when its object ends.</summary>
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(ServedFile file, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var open = await OpenAsync(file, OpenFlags.ReadOnly, cancellation);
        await foreach (var piece in ReadOpenAsync(open, cancellation))
        {
            yield return piece;
        }
    }

    /// <summary>Reads an open file from its start to its end.</summary>
    public static async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadOpenAsync(OpenFile open, [EnumeratorCancellation] CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(open);
        var buffer = new byte[ReadBytes];
        ulong offset = 0;
        while (true)
        {
            if (!open.TryRead(offset, buffer, out var count))
            {
                count = await open.ReadAsync(offset, buffer, cancellation);
            }

            if (count == 0)
            {
                yield break;
            }

            offset += (ulong)count;
            yield return buffer.AsMemory(0, count);
        }
    }

    /// <summary>Reads a small file whole, as text.</summary>
    public async ValueTask<string> ReadTextAsync(string path, CancellationToken cancellation)
    {
        var entry = await FindAsync(path, cancellation);
        using var bytes = new MemoryStream();
        await foreach (var piece in ReadAsync(entry.File, cancellation))
        {
            bytes.Write(piece.Span);
        }

        return Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
    }

    /// <summary>Writes all of it; a partial write goes on where it ended.</summary>
    public static async ValueTask WriteAllAsync(OpenFile open, ulong offset, ReadOnlyMemory<byte> data, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(open);
        while (data.Length != 0)
        {
            var count = await open.WriteAsync(offset, data, cancellation);
            offset += (ulong)count;
            data = data[count..];
        }
    }

    /// <summary>Walks to the end, or to the first symbolic link on the way, whose target is given then.</summary>
    private async ValueTask<(ServedFile File, int Walked, string? Target)> WalkAsync(
        IReadOnlyList<string> names, bool followLast, CancellationToken cancellation)
    {
        var file = Root;
        for (var i = 0; i < names.Count; i++)
        {
            file = await file.WalkAsync(names[i], Caller, cancellation) ?? throw await MissingAsync(file, names, i, cancellation);
            if (file.Qid.Type.HasFlag(QidType.Symlink) && (followLast || i < names.Count - 1))
            {
                return (file, i, await file.ReadLinkAsync(Caller, cancellation));
            }
        }

        return (file, names.Count, null);
    }

    private async ValueTask<TreeEntry> DescribeAsync(string path, ServedFile file, CancellationToken cancellation)
    {
        var stat = await file.StatAsync(Caller, cancellation);
        var entry = new TreeEntry(path, file, stat, null);
        return entry.IsLink ? entry with { LinkTarget = await file.ReadLinkAsync(Caller, cancellation) } : entry;
    }

    private async ValueTask<FileException> MissingAsync(
        ServedFile directory, IReadOnlyList<string> names, int index, CancellationToken cancellation)
    {
        var path = TreePath.Join(names.Take(index + 1));
        try
        {
            var near = await NamesAsync(directory, cancellation);
            return new FileException(Errno.ENOENT, $"{path}: there is no such file.{Suggestion.Sentence(names[index], near.Select(name => name.Name))}");
        }
        catch (FileException)
        {
            // Not readable: nothing to suggest from.
            return new FileException(Errno.ENOENT, $"{path}: there is no such file.");
        }
    }
}
