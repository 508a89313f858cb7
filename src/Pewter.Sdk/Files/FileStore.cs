using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Pewter.NineP;
using Pewter.NineP.Serving;
using Pewter.Tree;

namespace Pewter.Sdk;

/// <summary>
/// Brings files to nodes, by <c>/blob</c>: uploaded once, kept by digest on every machine they pass, passed on from peer to peer. Safe to share.
/// </summary>
public sealed class FileStore
{
    // With its header a piece fits one message of 256 KiB, so that it is one round trip.
    private const int PieceBytes = 240 << 10;
    private static readonly TimeSpan OtherSender = TimeSpan.FromMilliseconds(20);

    private readonly TreeClient _tree;
    private readonly TimeProvider _time;

    internal FileStore(TreeClient tree, TimeProvider time) => (_tree, _time) = (tree, time);

    /// <summary>Uploads files of this machine, those that the daemon lacks, as one bundle under their names without directories.</summary>
    /// <exception cref="FileException">ENOENT: a file is not there; EINVAL: two have one name, or one is no plain file.</exception>
    public async ValueTask<PushedFiles> PushAsync(IEnumerable<string> paths, CancellationToken cancellation = default)
    {
        var (lines, bytes, uploaded) = (new List<string>(), 0L, 0L);
        foreach (var path in paths.OrderBy(Path.GetFileName, StringComparer.Ordinal))
        {
            await using var file = Open(path);
            var digest = Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellation));
            file.Position = 0;
            lines.Add(string.Create(CultureInfo.InvariantCulture, $"{digest} {file.Length} {Path.GetFileName(path)}\n"));
            bytes += file.Length;
            uploaded += await UploadAsync(file, digest, Path.GetFileName(path), "file", cancellation);
        }

        var content = Encoding.UTF8.GetBytes(string.Concat(lines));
        var name = Convert.ToHexStringLower(SHA256.HashData(content));
        await UploadAsync(new MemoryStream(content), name, "", "bundle", cancellation);
        return new PushedFiles(name, bytes, uploaded);
    }

    /// <summary>Brings what was pushed to nodes; the directory that has it on each, by the node's directory.</summary>
    public async ValueTask<IReadOnlyDictionary<string, string>> SendAsync(
        PushedFiles files, IEnumerable<string> nodes, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(files);
        var replies = await _tree.CommandAsync("/blob/ctl", ["send", files.Digest, .. nodes], cancellation);
        return replies.ToDictionary(reply => reply.Target, reply => reply.Text("path").TrimEnd('/'), StringComparer.Ordinal);
    }

    private static FileStream Open(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0, useAsync: false);
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new FileException(Errno.ENOENT, $"{path}: there is no such file to push.", missing);
        }
        catch (UnauthorizedAccessException refused)
        {
            throw new FileException(Errno.EINVAL, $"{path} cannot be pushed: it is a directory, or not yours to read.", refused);
        }
    }

    // Bytes that had to be written: none where the daemon has the content already.
    private async ValueTask<long> UploadAsync(Stream content, string digest, string name, string kind, CancellationToken cancellation)
    {
        string[] words =
        [
            "add", digest, content.Length.ToString(CultureInfo.InvariantCulture), $"kind={kind}",
            .. name.Length > 0 ? [$"name={name}"] : (string[])[],
        ];
        var reply = (await _tree.CommandAsync("/blob/ctl", words, cancellation))[0];
        while (reply.Text("state") == "receiving")
        {
            // Somebody else is at it; whoever leaves before the end leaves the rest to us.
            await Task.Delay(OtherSender, _time, cancellation);
            reply = (await _tree.CommandAsync("/blob/ctl", words, cancellation))[0];
        }

        if (reply.Text("state") == "ready")
        {
            return 0;
        }

        await using var data = await _tree.OpenAsync($"/blob/{reply.Text("id")}/data", OpenFlags.WriteOnly, cancellation);
        content.Position = reply.Line.GetProperty("have").GetInt64();
        var (offset, buffer) = ((ulong)content.Position, new byte[PieceBytes]);
        while (await content.ReadAsync(buffer, cancellation) is > 0 and var count)
        {
            for (var written = 0; written < count;)
            {
                written += await data.Open.WriteAsync(offset + (ulong)written, buffer.AsMemory(written, count - written), cancellation);
            }

            offset += (ulong)count;
        }

        return content.Length;
    }
}
