using Pewter.Fuse.Protocol;
using Pewter.NineP;
using Pewter.NineP.Serving;

namespace Pewter.Fuse;

/// <summary>The requests on names and attributes. Each returns the payload's length or a negative errno. Safe from many requests at once.</summary>
internal sealed class NodeOperations(
    NodeTable nodes, HandleTable handles, AttributeWriter attributes, TimeProvider time)
{
    public async ValueTask<int> LookupAsync(FuseRequest request)
    {
        var parent = nodes.Get(request.Header.NodeId);
        var name = request.Name();
        var file = await parent.File.WalkAsync(name, request.Caller, request.Interrupted);
        return file is null ? -(int)Errno.ENOENT : await EnterAsync(request, parent, name, file);
    }

    public async ValueTask<int> GetAttributesAsync(FuseRequest request)
    {
        var node = nodes.Get(request.Header.NodeId);
        var asked = request.Body<FuseGetAttributesIn>();
        // Only a seek to the end asks through a handle; stat(2) and fstat(2) do not.
        if ((asked.Flags & FuseGetAttributesIn.HasHandle) != 0)
            handles.Get(asked.Handle).Position.SeekEnd(request.Header.Pid);
        var stat = await node.File.StatAsync(request.Caller, request.Interrupted);
        var size = handles.TailedSize(node, request.Header.Pid);
        return request.Answer(attributes.Attributes(stat, size));
    }

    public async ValueTask<int> SetAttributesAsync(FuseRequest request)
    {
        var node = nodes.Get(request.Header.NodeId);
        var change = ChangeOf(request.Body<FuseSetAttributesIn>());
        if (change != default)
            await node.File.ChangeStatAsync(change, request.Caller, request.Interrupted);
        var stat = await node.File.StatAsync(request.Caller, request.Interrupted);
        return request.Answer(attributes.Attributes(stat));
    }

    public async ValueTask<int> ReadLinkAsync(FuseRequest request)
    {
        var target = await nodes.Get(request.Header.NodeId).File.ReadLinkAsync(request.Caller, request.Interrupted);
        return System.Text.Encoding.UTF8.TryGetBytes(target, request.Reply.Span, out var length) ? length : -(int)Errno.ENAMETOOLONG;
    }

    public async ValueTask<int> AccessAsync(FuseRequest request)
    {
        var stat = await nodes.Get(request.Header.NodeId).File.StatAsync(request.Caller, request.Interrupted);
        return -(int)AccessCheck.Judge(request.Body<FuseAccessIn>().Mask, stat, request.Caller);
    }

    public async ValueTask<int> MakeDirectoryAsync(FuseRequest request)
    {
        var parent = nodes.Get(request.Header.NodeId);
        var name = request.Name(8);
        var mode = request.Body<FuseMakeDirectoryIn>().Mode;
        var made = await parent.File.MakeDirectoryAsync(name, mode, request.Caller, request.Interrupted);
        return await EnterAsync(request, parent, name, made);
    }

    public async ValueTask<int> SymlinkAsync(FuseRequest request)
    {
        var parent = nodes.Get(request.Header.NodeId);
        var (name, target) = request.Names();
        var made = await parent.File.SymlinkAsync(name, target, request.Caller, request.Interrupted);
        return await EnterAsync(request, parent, name, made);
    }

    public async ValueTask<int> UnlinkAsync(FuseRequest request, bool directory)
    {
        var parent = nodes.Get(request.Header.NodeId);
        var name = request.Name();
        await parent.File.UnlinkAsync(name, directory, request.Caller, request.Interrupted);
        nodes.Remove(parent, name);
        return 0;
    }

    public async ValueTask<int> RenameAsync(FuseRequest request, bool second)
    {
        var where = second ? request.Body<FuseRename2In>() : new() { NewDirectory = request.Body<ulong>() };
        if (where.Flags != 0)
            return -(int)Errno.EINVAL;
        var (oldName, newName) = request.Names(second ? 16 : 8);
        if (System.Text.Encoding.UTF8.GetByteCount(newName) > FuseRequest.NameLimit)
            return -(int)Errno.ENAMETOOLONG;
        var (oldParent, newParent) = (nodes.Get(request.Header.NodeId), nodes.Get(where.NewDirectory));
        await oldParent.File.RenameAsync(oldName, newParent.File, newName, request.Caller, request.Interrupted);
        nodes.Move(oldParent, oldName, newParent, newName);
        return 0;
    }

    public static int StatFileSystem(FuseRequest request) =>
        request.Answer(new FuseStatFileSystemOut { BlockSize = 4096, FragmentSize = 4096, NameLength = FuseRequest.NameLimit });

    /// <summary>Tells the kernel of a node, which it will forget in the end.</summary>
    public async ValueTask<FuseEntryOut> EntryAsync(FuseRequest request, FuseNode parent, string name, ServedFile file)
    {
        // The attributes first: when they cannot be had, no reference is given.
        var stat = await file.StatAsync(request.Caller, request.Interrupted);
        return attributes.Entry(nodes.Remember(parent, name, file), stat);
    }

    private async ValueTask<int> EnterAsync(FuseRequest request, FuseNode parent, string name, ServedFile file)
    {
        var entry = await EntryAsync(request, parent, name, file);
        request.GivenNode = entry.NodeId;
        return request.Answer(entry);
    }

    private StatChange ChangeOf(in FuseSetAttributesIn asked)
    {
        var valid = asked.Valid;
        DateTimeOffset? modifiedAt = null;
        if ((valid & FuseSetAttributesValid.ModifyTimeNow) != 0)
            modifiedAt = time.GetUtcNow();
        else if ((valid & FuseSetAttributesValid.ModifyTime) != 0)
            modifiedAt = DateTimeOffset.UnixEpoch.AddSeconds(asked.ModifyTime).AddTicks(asked.ModifyNanoseconds / 100);
        return new StatChange
        {
            Mode = (valid & FuseSetAttributesValid.Mode) != 0 ? asked.Mode & 0xFFF : null,
            Uid = (valid & FuseSetAttributesValid.Uid) != 0 ? asked.Uid : null,
            Gid = (valid & FuseSetAttributesValid.Gid) != 0 ? asked.Gid : null,
            Size = (valid & FuseSetAttributesValid.Size) != 0 ? asked.Size : null,
            ModifiedAt = modifiedAt,
        };
    }
}
