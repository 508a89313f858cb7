using Pewter.Distribution.Blobs;
using Pewter.Hosting;
using Pewter.NineP;
using Pewter.NineP.Serving;
using Pewter.Tree;

namespace Pewter.Distribution.Sending;

/// <summary>
/// Brings blobs to nodes: to those of this machine by showing them the one copy that is here, to those of peers by passing it on once to
/// each peer that has any,
/// which does the same. A peer passes on what has arrived while the rest arrives, so that depth costs a piece's time, not the whole's.
/// </summary>
internal sealed class BlobSender(ServiceContext context, BlobCache cache, BlobDirectory directory, BlobLimits limits)
{
    private const string PeerPrefix = "/peer/";

    /// <summary>Sends, and returns when all nodes have it: a result line for each, with the path where its programs find it.</summary>
    /// <exception cref="FileException">A node could not have it; the sentence names it. Others may have it already.</exception>
    internal async ValueTask<CommandResult> SendAsync(Blob blob, IReadOnlyList<string> nodes, Caller caller, CancellationToken cancellation)
    {
        var parts = await PartsAsync(blob, caller, cancellation);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var ways = nodes.Distinct(StringComparer.Ordinal).GroupBy(FirstPeerOf).Select(way => GuardAsync(
            way.Key is null ? ShowAsync(blob, parts, [.. way], caller, stop.Token)
                : PassOnAsync(way.Key, blob, parts, [.. way], caller, stop.Token), stop));
        var found = await Task.WhenAll(ways);
        return CommandResult.Each(found.SelectMany(places => places).Select(place => (place.Node, CommandResult.Of("path", place.Path))));
    }

    // "b" of /peer/b/peer/c/node/n1; null for a node of this machine.
    private static string? FirstPeerOf(string node) =>
        node.StartsWith(PeerPrefix, StringComparison.Ordinal) && node.IndexOf('/', PeerPrefix.Length) is > 0 and var end
            ? node[PeerPrefix.Length..end]
        : node.StartsWith("/node/", StringComparison.Ordinal) ? null
        : throw new FileException(Errno.EINVAL, $"'{node}' is no node: /node/n3, or /peer/b/node/n3.");

    // The first that fails ends the others.
    private static async Task<IReadOnlyList<Place>> GuardAsync(Task<IReadOnlyList<Place>> work, CancellationTokenSource stop)
    {
        try
        {
            return await work;
        }
        catch
        {
            await stop.CancelAsync();
            throw;
        }
    }

    // The blobs that go with it: the files of a bundle first.
    private async ValueTask<IReadOnlyList<Part>> PartsAsync(Blob blob, Caller caller, CancellationToken cancellation)
    {
        if (!blob.IsBundle)
        {
            return blob.Digest is null
                ? throw new FileException(Errno.EINVAL, "Its digest is not known yet: write 'seal' when all of it has been written.")
                : [new Part(blob, null)];
        }

        await blob.ReadyAsync(cancellation);
        var entries = Bundle.Parse(await File.ReadAllBytesAsync(directory.Data(blob.Digest!), cancellation));
        return [.. entries.Select(entry => new Part(cache.Demand(entry.Digest, caller), entry)), new Part(blob, null)];
    }

    private async Task<IReadOnlyList<Place>> ShowAsync(
        Blob blob, IReadOnlyList<Part> parts, IReadOnlyList<string> nodes, Caller caller, CancellationToken cancellation)
    {
        foreach (var part in parts)
        {
            await part.Blob.ReadyAsync(cancellation);
        }

        var tree = context.Client();
        var entries = parts.Select(part => part.Entry).OfType<BundleEntry>().ToList();
        return await Task.WhenAll(nodes.Select(async node =>
        {
            var place = await NodePlace.FindAsync(tree, context, node, caller, cancellation);
            if (place.FilesIn is { } files)
            {
                var name = blob.IsBundle ? directory.Show(place.Owner, blob.Digest!, entries) : directory.Show(place.Owner, blob.Digest!);
                return new Place(node, $"{files}/{name}{End(blob)}");
            }

            return new Place(node, await new NodeCopy(tree, node, directory).WriteAsync(blob, entries, cancellation) + End(blob));
        }));
    }

    // A path that ends so is a directory: that of a bundle.
    private static string End(Blob blob) => blob.IsBundle ? "/" : "";

    private async Task<IReadOnlyList<Place>> PassOnAsync(
        string peer, Blob blob, IReadOnlyList<Part> parts, IReadOnlyList<string> nodes, Caller caller, CancellationToken cancellation)
    {
        var link = new PeerTransfer(context.Client(caller), PeerPrefix + peer, limits);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var streams = new List<Task>();
                foreach (var part in parts)
                {
                    streams.Add(await link.BeginAsync(part.Blob, cancellation));
                }

                var sending = link.SendAsync(blob.Digest!, nodes, cancellation);
                streams.Add(sending);
                await Task.WhenAll(streams);
                return await sending;
            }
            catch (FileException broken) when (IsWorthAnother(broken.Errno, attempt))
            {
                // The link broke, a stream of somebody else ended before its end, or what was there was evicted in the same moment.
                context.Log.Info("sent again", ("peer", peer), ("digest", blob.Digest), ("why", broken.Message));
                await Task.Delay(broken.Errno == Errno.ENOLINK ? limits.Pause * attempt : TimeSpan.Zero, context.Time, cancellation);
            }
        }
    }

    private bool IsWorthAnother(Errno errno, int attempt) =>
        errno switch { Errno.ENOLINK or Errno.EIO or Errno.EBUSY => attempt < limits.Attempts, Errno.ENOENT => attempt == 1, _ => false };

    private sealed record Part(Blob Blob, BundleEntry? Entry);
}
