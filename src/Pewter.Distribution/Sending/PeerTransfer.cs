using System.Buffers;
using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Pewter.Distribution.Blobs;
using Pewter.NineP;
using Pewter.NineP.Serving;
using Pewter.Tree;

namespace Pewter.Distribution.Sending;

/// <summary>Passes blobs on to one peer, piece by piece, and tells it where they go from there. Used by one task.</summary>
internal sealed class PeerTransfer(TreeClient tree, string peer, BlobLimits limits)
{
    /// <summary>
    /// Announces a blob to the peer. The result is the task that streams what it lacks: none when all is there, or another sends it.
    /// </summary>
    internal async ValueTask<Task> BeginAsync(Blob blob, CancellationToken cancellation)
    {
        string[] words =
        [
            "add", blob.Digest!, blob.Size!.Value.ToString(CultureInfo.InvariantCulture), $"kind={(blob.IsBundle ? "bundle" : "file")}",
            .. blob.Name.Length > 0 ? [$"name={blob.Name}"] : (string[])[],
        ];
        var reply = (await tree.CommandAsync(peer + "/blob/ctl", words, cancellation))[0].Line;
        if (reply.GetProperty("state").GetString() != "partial")
        {
            return Task.CompletedTask;
        }

        var path = $"{peer}/blob/{reply.GetProperty("id").GetString()}/data";
        try
        {
            var data = await tree.OpenAsync(path, OpenFlags.WriteOnly, cancellation);
            return StreamAsync(blob, data, reply.GetProperty("have").GetInt64(), cancellation);
        }
        catch (FileException first) when (first.Errno is Errno.EBUSY or Errno.EPERM)
        {
            // Somebody else began in the same moment, or has ended already.
            return Task.CompletedTask;
        }
    }

    /// <summary>Tells the peer which of its nodes and of those below it get a blob.</summary>
    internal async Task<IReadOnlyList<Place>> SendAsync(string digest, IReadOnlyList<string> nodes, CancellationToken cancellation)
    {
        var replies = await tree.CommandAsync(peer + "/blob/ctl", ["send", digest, .. nodes.Select(node => node[peer.Length..])], cancellation);
        return [.. replies.Select(reply => new Place(peer + reply.Target, reply.Line.GetProperty("path").GetString()!))];
    }

    private async Task StreamAsync(Blob blob, TreeHandle data, long offset, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var underWay = new Queue<Task>();
        await using (data)
        {
            try
            {
                using var content = blob.OpenFile();
                while (offset < blob.Size)
                {
                    var (piece, count) = await ReadAsync(blob, content, offset, stop.Token);
                    underWay.Enqueue(WriteAsync(blob, data, offset, piece, count, stop.Token));
                    offset += count;
                    if (underWay.Count >= limits.PiecesAtOnce)
                    {
                        await underWay.Dequeue();
                    }
                }

                await Task.WhenAll(underWay);
            }
            catch
            {
                await stop.CancelAsync();
                await Task.WhenAll(underWay).ContinueWith(
                    _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
                throw;
            }
        }
    }

    // Waits for as much as there is of the next piece.
    private async ValueTask<(byte[] Piece, int Count)> ReadAsync(
        Blob blob, SafeFileHandle content, long offset, CancellationToken cancellation)
    {
        var piece = ArrayPool<byte>.Shared.Rent(limits.PieceBytes);
        while (true)
        {
            var next = blob.NextChange();
            if (blob.TryRead(content, offset, piece.AsSpan(0, limits.PieceBytes)) is { } count)
            {
                return (piece, count);
            }

            await next.WaitAsync(cancellation);
        }
    }

    private static async Task WriteAsync(
        Blob blob, TreeHandle data, long offset, byte[] piece, int count, CancellationToken cancellation)
    {
        try
        {
            for (var written = 0; written < count;)
            {
                written += await data.Open.WriteAsync((ulong)(offset + written), piece.AsMemory(written, count - written), cancellation);
            }

            blob.CountSent(count);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(piece);
        }
    }
}
