using Pewter.Distribution.Blobs;
using Pewter.NineP;
using Pewter.NineP.Serving;
using Pewter.Tree;

namespace Pewter.Distribution.Sending;

/// <summary>
/// Copies blobs into a node that does not see the files of its machine, such as a virtual one, through its agent's <c>fs</c>. What is there
/// under its digest is not
/// copied again; of what is there more than <see cref="KeptBlobs"/> the oldest goes.
/// </summary>
internal sealed class NodeCopy(TreeClient tree, string node, BlobDirectory directory)
{
    private const string Place = "/var/tmp/pewter-files";
    private const int KeptBlobs = 64;
    private const int PieceBytes = 256 << 10;
    private static readonly uint Runnable = UnixMode.Octal(755);

    /// <summary>Copies a blob, or the files of a bundle into a directory of its own; returns the path on the node.</summary>
    internal async ValueTask<string> WriteAsync(Blob blob, IReadOnlyList<BundleEntry> entries, CancellationToken cancellation)
    {
        await EnsureDirectoryAsync(Place, cancellation);
        await EvictAsync(blob.Digest!, cancellation);
        var path = $"{Place}/{blob.Digest}";
        if (!blob.IsBundle)
        {
            await CopyAsync(blob.Digest!, blob.Size!.Value, path, cancellation);
            return path;
        }

        await EnsureDirectoryAsync(path, cancellation);
        foreach (var entry in entries)
        {
            await CopyAsync(entry.Digest, entry.Size, $"{path}/{entry.Name}", cancellation);
        }

        return path;
    }

    private async ValueTask CopyAsync(string digest, long size, string path, CancellationToken cancellation)
    {
        var parent = await tree.WalkAsync($"{node}/fs{path[..path.LastIndexOf('/')]}", cancellation);
        var name = path[(path.LastIndexOf('/') + 1)..];
        if (await parent.WalkAsync(name, tree.Caller, cancellation) is { } present)
        {
            if ((await present.StatAsync(tree.Caller, cancellation)).Size == (ulong)size)
            {
                return;
            }

            await parent.UnlinkAsync(name, false, tree.Caller, cancellation);
        }

        await using var made = new TreeHandle(await parent.CreateAsync(name, OpenFlags.WriteOnly, Runnable, tree.Caller, cancellation));
        await using var content = File.OpenRead(directory.Data(digest));
        var buffer = new byte[PieceBytes];
        while (await content.ReadAsync(buffer, cancellation) is > 0 and var count)
        {
            await made.WriteAsync(buffer.AsMemory(0, count), cancellation);
        }
    }

    private async ValueTask EnsureDirectoryAsync(string path, CancellationToken cancellation)
    {
        var parent = await tree.WalkAsync($"{node}/fs{path[..path.LastIndexOf('/')]}", cancellation);
        var name = path[(path.LastIndexOf('/') + 1)..];
        if (await parent.WalkAsync(name, tree.Caller, cancellation) is null)
        {
            await parent.MakeDirectoryAsync(name, Runnable, tree.Caller, cancellation);
        }
    }

    private async ValueTask EvictAsync(string wanted, CancellationToken cancellation)
    {
        var names = await tree.ListAsync($"{node}/fs{Place}", cancellation);
        if (names.Count < KeptBlobs || names.Contains(wanted))
        {
            return;
        }

        var ages = new List<(DateTimeOffset At, string Name)>();
        foreach (var name in names)
        {
            ages.Add(((await tree.StatAsync($"{node}/fs{Place}/{name}", cancellation)).ModifiedAt, name));
        }

        var parent = await tree.WalkAsync($"{node}/fs{Place}", cancellation);
        foreach (var (_, name) in ages.OrderBy(age => age.At).Take(names.Count - KeptBlobs + 1))
        {
            await RemoveAsync(parent, name, cancellation);
        }
    }

    private async ValueTask RemoveAsync(ServedFile parent, string name, CancellationToken cancellation)
    {
        var file = await parent.WalkAsync(name, tree.Caller, cancellation);
        var isDirectory = file?.Qid.Type.HasFlag(QidType.Directory) == true;
        if (isDirectory)
        {
            foreach (var inner in await tree.ListAsync($"{node}/fs{Place}/{name}", cancellation))
            {
                await file!.UnlinkAsync(inner, false, tree.Caller, cancellation);
            }
        }

        await parent.UnlinkAsync(name, isDirectory, tree.Caller, cancellation);
    }
}
