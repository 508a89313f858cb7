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
        var begun = options.Time.GetTimestamp();
        var open = await node.File.OpenAsync(flags, request.Caller, request.Interrupted);
        var synthetic = await IsSyntheticAsync(open, request);
        var distance = options.Time.GetElapsedTime(begun);
        return request.Answer(Give(request, node, open, flags, synthetic ? distance : null));
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
        var given = Give(request, nodes.Get(entry.NodeId), open, flags, distance: null);
        return request.Answer(new FuseCreateOut { Entry = entry, Open = given });
    }

    public async ValueTask<int> ReadAsync(FuseRequest request)
    {
        var asked = request.Body<FuseTransferIn>();
        var space = request.Reply[..(int)Math.Min(asked.Size, FuseSession.LargestTransfer)];
        var mayWait = (asked.Flags & (uint)OpenFlags.NonBlocking) == 0;
        return await handles.Get(asked.Handle).Position.ReadAsync(asked.Offset, space, mayWait, request.Interrupted);
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

    /// <param name="request">The request whose reply hands it over.</param>
    /// <param name="node">What was opened.</param>
    /// <param name="open">The open.</param>
    /// <param name="flags">How it was opened.</param>
    /// <param name="distance">How long the open of a synthetic file took; null for a plain file.</param>
    private FuseOpenOut Give(FuseRequest request, FuseNode node, OpenFile open, OpenFlags flags, TimeSpan? distance)
    {
        var duplex = distance is not null && (flags & OpenFlags.AccessMode) == OpenFlags.ReadWrite;
        var handle = handles.Add(id => new FuseHandle(id, node, open, PositionOf(open, flags, distance)));
        request.GivenHandle = handle.Id;
        return new FuseOpenOut
        {
            Handle = handle.Id,
            Result = FuseOpenResult.DirectIo | FuseOpenResult.ParallelDirectWrites
                | (duplex ? FuseOpenResult.Stream | FuseOpenResult.NonSeekable : FuseOpenResult.None),
        };
    }

    private IReadingPosition PositionOf(OpenFile open, OpenFlags flags, TimeSpan? distance) => (flags & OpenFlags.AccessMode) switch
    {
        OpenFlags.ReadOnly when distance is { } far => new StreamPosition(open, far, options),
        OpenFlags.ReadWrite when distance is not null => new DuplexPosition(open),
        _ => new PlainPosition(open),
    };
}
