using Pewter.Fuse.Protocol;
using Pewter.NineP;
using Pewter.NineP.Serving;

namespace Pewter.Fuse;

/// <summary>The requests on opens of plain files. Each returns the payload's length or a negative errno. Safe from many requests at once.</summary>
internal sealed class FileOperations(
    NodeTable nodes, HandleTable handles, NodeOperations names, FuseMountOptions options)
{
    private const uint KeptFlags = (uint)(OpenFlags.AccessMode | OpenFlags.Truncate | OpenFlags.Append | OpenFlags.NonBlocking);

    public async ValueTask<int> OpenAsync(FuseRequest request)
    {
        var node = nodes.Get(request.Header.NodeId);
        var flags = (OpenFlags)(request.Body<FuseOpenIn>().Flags & KeptFlags);
        var open = await node.File.OpenAsync(flags, request.Caller, request.Interrupted);
        var synthetic = await IsSyntheticAsync(open, request);
        return request.Answer(Give(request, node, open, flags, synthetic));
    }

    public async ValueTask<int> CreateAsync(FuseRequest request)
    {
        var parent = nodes.Get(request.Header.NodeId);
        var asked = request.Body<FuseCreateIn>();
        var name = request.Name(16);
        var flags = (OpenFlags)(asked.Flags & (KeptFlags | (uint)OpenFlags.Exclusive)) | OpenFlags.Create;
        var open = await parent.File.CreateAsync(name, flags, asked.Mode & 0xFFF, request.Caller, request.Interrupted);
        FuseEntryOut entry;
        try
        {
            entry = await names.EntryAsync(request, parent, name, open.File);
        }
        catch
        {
            await open.DisposeAsync();
            throw;
        }

        request.GivenNode = entry.NodeId;
        var given = Give(request, nodes.Get(entry.NodeId), open, flags, synthetic: false);
        return request.Answer(new FuseCreateOut { Entry = entry, Open = given });
    }

    public async ValueTask<int> ReadAsync(FuseRequest request)
    {
        var asked = request.Body<FuseTransferIn>();
        var space = request.Reply[..(int)Math.Min(asked.Size, FuseSession.LargestTransfer)];
        return await handles.Get(asked.Handle).Position.ReadAsync(asked.Offset, space, request.Interrupted);
    }

    public async ValueTask<int> WriteAsync(FuseRequest request)
    {
        var asked = request.Body<FuseTransferIn>();
        var data = request.After(FuseTransferIn.StructureSize);
        if (asked.Size > data.Length)
            return -(int)Errno.EIO;
        var count = await handles.Get(asked.Handle).Position.WriteAsync(
            asked.Offset, data[..(int)asked.Size], request.Interrupted);
        return request.Answer(new FuseWriteOut { Size = (uint)count });
    }

    public async ValueTask<int> SyncAsync(FuseRequest request)
    {
        await handles.Get(request.Body<FuseSyncIn>().Handle).Open.SyncAsync(request.Interrupted);
        return 0;
    }

    public async ValueTask<int> ReleaseAsync(FuseRequest request)
    {
        await handles.ReleaseAsync(request.Body<FuseReleaseIn>().Handle);
        return 0;
    }

    /// <summary>A file without a size that nobody may cache is made as it is read: a text, a ctl or a stream.</summary>
    private static async ValueTask<bool> IsSyntheticAsync(OpenFile open, FuseRequest request)
    {
        try
        {
            var stat = await open.File.StatAsync(request.Caller, request.Interrupted);
            return stat is { Size: 0, Qid.Version: 0 };
        }
        catch
        {
            await open.DisposeAsync();
            throw;
        }
    }

    private FuseOpenOut Give(FuseRequest request, FuseNode node, OpenFile open, OpenFlags flags, bool synthetic)
    {
        var duplex = synthetic && (flags & OpenFlags.AccessMode) == OpenFlags.ReadWrite;
        var handle = handles.Add(id => new FuseHandle(id, node, open, PositionOf(open, flags, synthetic)));
        request.GivenHandle = handle.Id;
        return new FuseOpenOut
        {
            Handle = handle.Id,
            Result = FuseOpenResult.DirectIo | FuseOpenResult.ParallelDirectWrites
                | (duplex ? FuseOpenResult.Stream | FuseOpenResult.NonSeekable : FuseOpenResult.None),
        };
    }

    private IReadingPosition PositionOf(OpenFile open, OpenFlags flags, bool synthetic) => (flags & OpenFlags.AccessMode) switch
    {
        OpenFlags.ReadOnly when synthetic => new StreamPosition(open, options.TailPatience, options.Time),
        OpenFlags.ReadWrite when synthetic => new DuplexPosition(open),
        _ => new PlainPosition(open),
    };
}
