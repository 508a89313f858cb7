using Pewter.NineP;
using Pewter.NineP.Client;
using Pewter.NineP.Serving;

namespace Pewter.CommandLine.Connecting;

/// <summary>
/// A file of a remote tree under the file contract. It holds its path and no fid: each operation walks, asks and clunks, so that a listing of
/// 10,000 files holds nothing on the server. Who asks is proven by the connection; the caller given here is ignored.
/// </summary>
internal sealed class NineServedFile : ServedFile
{
    private readonly NineFile _root;
    private readonly string[] _names;

    public NineServedFile(NineFile root, string[] names)
        : this(root, names, root.Qid)
    {
    }

    private NineServedFile(NineFile root, string[] names, Qid qid) => (_root, _names, Qid) = (root, names, qid);

    public override Qid Qid { get; }

    public override async ValueTask<FileStat> StatAsync(Caller caller, CancellationToken cancellation)
    {
        await using var file = await _root.WalkAsync(_names, cancellation);
        return await file.StatAsync(cancellation);
    }

    public override async ValueTask<ServedFile?> WalkAsync(string name, Caller caller, CancellationToken cancellation)
    {
        string[] names = [.. _names, name];
        try
        {
            await using var file = await _root.WalkAsync(names, cancellation);
            return new NineServedFile(_root, names, file.Qid);
        }
        catch (FileException exception) when (exception.Errno == Errno.ENOENT)
        {
            return null;
        }
    }

    public override async ValueTask<OpenFile> OpenAsync(OpenFlags flags, Caller caller, CancellationToken cancellation)
    {
        var file = await _root.WalkAsync(_names, cancellation);
        try
        {
            await file.OpenAsync(flags, cancellation);
            return new Opened(this, file);
        }
        catch
        {
            await file.DisposeAsync();
            throw;
        }
    }

    public override async ValueTask<string> ReadLinkAsync(Caller caller, CancellationToken cancellation)
    {
        await using var file = await _root.WalkAsync(_names, cancellation);
        return await file.ReadLinkAsync(cancellation);
    }

    private sealed class Opened(NineServedFile served, NineFile file) : OpenFile(served)
    {
        public override ValueTask<int> ReadAsync(ulong offset, Memory<byte> buffer, CancellationToken cancellation) =>
            file.ReadAsync(offset, buffer, cancellation);

        public override ValueTask<int> WriteAsync(ulong offset, ReadOnlyMemory<byte> data, CancellationToken cancellation) =>
            file.WriteAsync(offset, data, cancellation);

        public override async ValueTask ReadDirectoryAsync(ulong cookie, DirectoryPage page, CancellationToken cancellation)
        {
            await foreach (var entry in file.ReadDirectoryAsync(cookie, cancellation))
            {
                if (!page.TryAdd(entry.Qid, entry.Cookie, entry.Name))
                {
                    return;
                }
            }
        }

        public override async ValueTask SyncAsync(CancellationToken cancellation) => await file.SyncAsync(cancellation);

        public override async ValueTask DisposeAsync()
        {
            await file.DisposeAsync();
            await base.DisposeAsync();
        }
    }
}
