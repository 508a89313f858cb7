using Pewter.Fuse.Protocol;
using Pewter.NineP;
using Pewter.NineP.Serving;

namespace Pewter.Fuse;

/// <summary>Sends each request to its operation. Holds the tables of one mount. Safe from many requests at once.</summary>
internal sealed class FuseDispatcher
{
    private readonly NodeOperations _names;
    private readonly FileOperations _files;
    private readonly DirectoryOperations _directories;

    public FuseDispatcher(ServedFile root, FuseMountOptions options)
    {
        Nodes = new NodeTable(root);
        _names = new NodeOperations(Nodes, Handles, new AttributeWriter(options.CacheFor), options.Time);
        _files = new FileOperations(Nodes, Handles, _names, options);
        _directories = new DirectoryOperations(Nodes, Handles, _names);
    }

    public NodeTable Nodes { get; }

    public HandleTable Handles { get; } = new();

    /// <summary>The payload's length, or a negative errno. FLUSH is refused for good: nothing is held back until a close.</summary>
    public ValueTask<int> DispatchAsync(FuseRequest request) => request.Header.Opcode switch
    {
        FuseOpcode.Lookup => _names.LookupAsync(request),
        FuseOpcode.GetAttributes => _names.GetAttributesAsync(request),
        FuseOpcode.SetAttributes => _names.SetAttributesAsync(request),
        FuseOpcode.ReadLink => _names.ReadLinkAsync(request),
        FuseOpcode.Symlink => _names.SymlinkAsync(request),
        FuseOpcode.MakeDirectory => _names.MakeDirectoryAsync(request),
        FuseOpcode.Unlink => _names.UnlinkAsync(request, directory: false),
        FuseOpcode.RemoveDirectory => _names.UnlinkAsync(request, directory: true),
        FuseOpcode.Rename => _names.RenameAsync(request, second: false),
        FuseOpcode.Rename2 => _names.RenameAsync(request, second: true),
        FuseOpcode.Access => _names.AccessAsync(request),
        FuseOpcode.StatFileSystem => ValueTask.FromResult(NodeOperations.StatFileSystem(request)),
        FuseOpcode.Open => _files.OpenAsync(request),
        FuseOpcode.Create => _files.CreateAsync(request),
        FuseOpcode.Read => _files.ReadAsync(request),
        FuseOpcode.Write => _files.WriteAsync(request),
        FuseOpcode.Sync => _files.SyncAsync(request),
        FuseOpcode.Release or FuseOpcode.ReleaseDirectory => _files.ReleaseAsync(request),
        FuseOpcode.OpenDirectory => _directories.OpenAsync(request),
        FuseOpcode.ReadDirectory => _directories.ReadAsync(request),
        FuseOpcode.ReadDirectoryPlus => _directories.ReadPlusAsync(request),
        FuseOpcode.Destroy => ValueTask.FromResult(0),
        // SEEK_DATA and SEEK_HOLE: there are no holes to find in a file without a length.
        FuseOpcode.Seek => ValueTask.FromResult(-(int)Errno.ENXIO),
        FuseOpcode.MakeNode or FuseOpcode.Link => ValueTask.FromResult(-(int)Errno.EPERM),
        _ => ValueTask.FromResult(-(int)Errno.ENOSYS),
    };
}
