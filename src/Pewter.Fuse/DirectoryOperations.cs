using Pewter.Fuse.Protocol;
using Pewter.NineP.Serving;

namespace Pewter.Fuse;

/// <summary>The requests on opens of directories. Each returns the payload's length or a negative errno. Safe from many requests at once.</summary>
internal sealed class DirectoryOperations(NodeTable nodes, HandleTable handles, NodeOperations names)
{
    public async ValueTask<int> OpenAsync(FuseRequest request)
    {
        var node = nodes.Get(request.Header.NodeId);
        var open = await node.File.OpenAsync(OpenFlags.ReadOnly | OpenFlags.Directory, request.Caller, request.Interrupted);
        var handle = handles.Add(id => new FuseHandle(id, node, open, new PlainPosition(open)));
        request.GivenHandle = handle.Id;
        return request.Answer(new FuseOpenOut { Handle = handle.Id });
    }

    public async ValueTask<int> ReadAsync(FuseRequest request)
    {
        var (handle, page) = Begin(request, FuseDirectoryEntry.Size);
        await FillAsync(handle, page, request);
        var entries = new DirectoryEncoder(request.Reply.Span);
        foreach (var entry in page.Entries)
            entries.Add(entry);
        return entries.Length;
    }

    /// <summary>Entries with their attributes. A child that cannot be looked at is listed by name alone.</summary>
    public async ValueTask<int> ReadPlusAsync(FuseRequest request)
    {
        var (handle, page) = Begin(request, FuseEntryOut.Size + FuseDirectoryEntry.Size);
        await FillAsync(handle, page, request);
        var length = 0;
        foreach (var entry in page.Entries)
        {
            var known = await LookAtAsync(request, handle.Node, entry.Name);
            length += DirectoryEncoder.AddPlus(request.Reply.Span[length..], known, entry);
        }

        return length;
    }

    private static async ValueTask FillAsync(FuseHandle handle, EntryPage page, FuseRequest request)
    {
        var parent = handle.Node.Parent ?? handle.Node;
        if (page.AddDots(handle.Node.File.Qid, parent.File.Qid))
            await handle.Open.ReadDirectoryAsync(page.Cookie, page, request.Interrupted);
    }

    private (FuseHandle Handle, EntryPage Page) Begin(FuseRequest request, int entrySize)
    {
        var asked = request.Body<FuseTransferIn>();
        var room = (int)Math.Min(asked.Size, FuseSession.LargestTransfer);
        return (handles.Get(asked.Handle), new EntryPage(asked.Offset, room, entrySize));
    }

    private async ValueTask<FuseEntryOut> LookAtAsync(FuseRequest request, FuseNode parent, string name)
    {
        if (name is "." or "..")
            return default;
        try
        {
            var file = await parent.File.WalkAsync(name, request.Caller, request.Interrupted);
            return file is null ? default : await names.EntryAsync(request, parent, name, file);
        }
        catch (NineP.FileException)
        {
            return default;
        }
    }
}
