using Pewter.NineP.Serving;
using Pewter.Peers.Links;
using Pewter.Tree;

namespace Pewter.Peers;

/// <summary>
/// The unions at the root. A collection that some service has put there becomes the local member of a union under its name; a name
/// that no service has is a union of the peers alone. So services and peers need not know of each other: peers only have to be
/// started last. The status of the root tells those of the peers too.
/// </summary>
internal sealed class PeerUnions
{
    private const string StatusName = "status";

    private readonly Lock _lock = new();
    private readonly Dictionary<string, UnionDirectory> _unions = new(StringComparer.Ordinal);
    private readonly PeerOptions _options;
    private readonly UnionOptions _union;
    private volatile IReadOnlyList<UnionMember> _roots = [];

    private PeerUnions(PeerOptions options) => (_options, _union) = (options, new UnionOptions { Deadline = options.Deadline });

    /// <summary>Puts the unions in the place of what is at the root.</summary>
    public static async ValueTask<PeerUnions> CreateAsync(TreeDirectory root, PeerOptions options, TimeProvider time, CancellationToken cancellation)
    {
        var unions = new PeerUnions(options);
        foreach (var name in options.Unions)
        {
            var local = await root.WalkAsync(name, Caller.System, cancellation);
            unions._unions[name] = local as UnionDirectory ?? Replace(root, name, local, new UnionDirectory(time, unions._union));
        }

        if (await root.WalkAsync(StatusName, Caller.System, cancellation) is { } status)
        {
            root.Remove(StatusName);
            unions._roots = [new UnionMember(null, "", new OneFile(StatusName, status))];
            root.Add(StatusName, new UnionStatusFile(() => unions._roots, unions._union, time));
        }

        return unions;
    }

    /// <summary>Adds a peer everywhere, or takes note that there are more or fewer levels below it.</summary>
    public void Set(Peer peer)
    {
        var deadline = _options.Deadline + (_options.DeadlinePerLevel * peer.News.Height);
        var prefix = "/peer/" + peer.Name;
        UnionMember Member(ServedFile directory) => new(peer.Name, prefix, directory) { Age = () => peer.Life.Silence, Deadline = deadline };
        lock (_lock)
        {
            foreach (var (name, union) in _unions)
            {
                var known = union.Members.FirstOrDefault(member => member.Label == peer.Name);
                var isSame = known is not null && ReferenceEquals(known.Directory.Parent, peer.Directory);
                union.Set(Member((isSame ? known : null)?.Directory ?? peer.Remote.Directory(name, peer.Directory)));
            }

            _roots = [.. _roots.Where(member => member.Label != peer.Name), Member(peer.Directory)];
        }
    }

    /// <summary>Removes a peer everywhere.</summary>
    public void Remove(Peer peer)
    {
        lock (_lock)
        {
            foreach (var union in _unions.Values)
            {
                union.Remove(peer.Name);
            }

            _roots = [.. _roots.Where(member => member.Label != peer.Name)];
        }
    }

    private static UnionDirectory Replace(TreeDirectory root, string name, ServedFile? local, UnionDirectory union)
    {
        if (local is not null)
        {
            root.Remove(name);
            union.Set(new UnionMember(null, "", local));
        }

        root.Add(name, union);
        return union;
    }

    /// <summary>A directory with one file, whose place is elsewhere.</summary>
    private sealed class OneFile(string name, ServedFile file) : VirtualDirectory
    {
        protected override ValueTask<ServedFile?> FindAsync(string wanted, Caller caller, CancellationToken cancellation) =>
            new(wanted == name ? file : null);

        protected override ValueTask ListAsync(ulong cookie, DirectoryPage page, Caller caller, CancellationToken cancellation)
        {
            _ = cookie > 0 || page.TryAdd(file.Qid, 1, name);
            return ValueTask.CompletedTask;
        }
    }
}
