using Pewter.NineP;
using Pewter.NineP.Serving;

namespace Pewter.Fuse;

/// <summary>
/// The nodes that the kernel holds references to. A node stands for a name in a directory, not for a file: the same directory may be
/// reached by many paths of the tree (queries, unions), and Linux would move a directory's only entry from one to the other. Safe from any
/// thread.
/// </summary>
internal sealed class NodeTable
{
    /// <summary>The number that the kernel gives the root.</summary>
    public const ulong RootId = 1;

    private readonly Lock _lock = new();
    private readonly Dictionary<ulong, FuseNode> _byId = [];
    private readonly Dictionary<(ulong Parent, string Name), FuseNode> _byName = [];
    private ulong _lastId = RootId;

    public NodeTable(ServedFile root) => _byId[RootId] = new FuseNode(RootId, null, "/", root);

    /// <summary>Nodes held, the root included.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return _byId.Count;
        }
    }

    /// <summary>ESTALE when the kernel names a node that it has forgotten.</summary>
    public FuseNode Get(ulong id)
    {
        lock (_lock)
            return _byId.GetValueOrDefault(id) ?? throw new FileException(Errno.ESTALE, "The file is forgotten.");
    }

    /// <summary>Notes that the kernel is being told of a child; the same file under the same name keeps its node.</summary>
    public FuseNode Remember(FuseNode parent, string name, ServedFile file)
    {
        lock (_lock)
        {
            if (_byName.TryGetValue((parent.Id, name), out var node) && IsSame(node.File.Qid, file.Qid))
            {
                node.File = file;
            }
            else
            {
                node = new FuseNode(++_lastId, parent, name, file);
                _byId[node.Id] = node;
                _byName[(parent.Id, name)] = node;
            }

            node.Lookups++;
            return node;
        }
    }

    /// <summary>Takes lookups back; a node without any is dropped.</summary>
    public void Forget(ulong id, ulong lookups)
    {
        lock (_lock)
        {
            if (id == RootId || !_byId.TryGetValue(id, out var node))
                return;
            node.Lookups -= Math.Min(lookups, node.Lookups);
            if (node.Lookups > 0)
                return;
            _byId.Remove(id);
            DropName(node);
        }
    }

    /// <summary>Follows a rename, so that the node of what moved stays the same.</summary>
    public void Move(FuseNode oldParent, string oldName, FuseNode newParent, string newName)
    {
        lock (_lock)
        {
            if (!_byName.Remove((oldParent.Id, oldName), out var node))
                return;
            (node.Parent, node.Name) = (newParent, newName);
            _byName[(newParent.Id, newName)] = node;
        }
    }

    /// <summary>Lets go of a removed child's name; whoever still has it open keeps the node.</summary>
    public void Remove(FuseNode parent, string name)
    {
        lock (_lock)
            _byName.Remove((parent.Id, name));
    }

    private static bool IsSame(Qid one, Qid other) => one.Path == other.Path && one.Type == other.Type;

    private void DropName(FuseNode node)
    {
        var key = (node.Parent!.Id, node.Name);
        if (_byName.TryGetValue(key, out var named) && ReferenceEquals(named, node))
            _byName.Remove(key);
    }
}
