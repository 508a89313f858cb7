using Pewter.NineP.Client;
using Pewter.NineP.Serving;

namespace Pewter.Tree;

/// <summary>
/// An open of a <see cref="RemoteFile"/>: a fid on the other server, clunked with it. Cancellation is a Tflush there, which is exact.
/// </summary>
internal sealed class RemoteOpen(RemoteFile file, NineFile open, RemoteTree tree) : TreeOpen(file)
{
    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(ulong offset, Memory<byte> buffer, CancellationToken cancellation)
    {
        var count = await open.ReadAsync(offset, buffer, cancellation);
        tree.Answered();
        return count;
    }

    /// <inheritdoc/>
    public override async ValueTask<int> WriteAsync(ulong offset, ReadOnlyMemory<byte> data, CancellationToken cancellation)
    {
        var count = await open.WriteAsync(offset, data, cancellation);
        tree.Answered();
        return count;
    }

    /// <inheritdoc/>
    public override async ValueTask ReadDirectoryAsync(ulong cookie, DirectoryPage page, CancellationToken cancellation)
    {
        await foreach (var entry in open.ReadDirectoryAsync(cookie, cancellation))
        {
            if (!page.TryAdd(file.Import(entry.Qid), entry.Cookie, entry.Name))
            {
                break;
            }
        }

        tree.Answered();
    }

    /// <inheritdoc/>
    public override async ValueTask SyncAsync(CancellationToken cancellation) => await open.SyncAsync(cancellation);

    /// <inheritdoc/>
    protected override ValueTask CloseAsync() => open.DisposeAsync();
}
