using Pewter.NineP.Serving;

namespace Pewter.Fuse;

/// <summary>A name that the kernel knows. Guarded by its <see cref="NodeTable"/>, but for <see cref="File"/>, read at any time.</summary>
internal sealed class FuseNode
{
    private volatile ServedFile _file;

    public FuseNode(ulong id, FuseNode? parent, string name, ServedFile file) =>
        (Id, Parent, Name, _file) = (id, parent, name, file);

    /// <summary>Never reused, so the generation of every node is 0.</summary>
    public ulong Id { get; }

    public FuseNode? Parent { get; set; }

    public string Name { get; set; }

    /// <summary>How often the kernel was told of it; it forgets in the same coin.</summary>
    public ulong Lookups { get; set; }

    /// <summary>The file as it was last walked to: after a peer's return the newest object is the one that works.</summary>
    public ServedFile File
    {
        get => _file;
        set => _file = value;
    }
}
