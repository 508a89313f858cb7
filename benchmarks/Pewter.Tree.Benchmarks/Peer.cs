using Pewter.NineP.Client;
using Pewter.NineP.Server;
using Pewter.NineP.Serving;
using Pewter.NineP.Transport;

namespace Pewter.Tree.Benchmarks;

/// <summary>One machine: its nodes, those of the peers below it, and a 9P server over pipes in memory for the one above.</summary>
internal sealed class Peer : IAttachPoint, IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _serving = [];
    private readonly List<NineClient> _links = [];

    public Peer(int nodes)
    {
        Nodes = new(Machine.Kind, TimeProvider.System);
        Union.Set(new(null, "", Nodes));
        Root.Add("node", Union);
        for (var i = 1; i <= nodes; i++)
        {
            Nodes.Add(i, new Machine(i));
        }
    }

    public Collection<Machine> Nodes { get; }

    // No deadline that a busy machine could break: the time is what is measured.
    public UnionDirectory Union { get; } = new(TimeProvider.System, new() { Deadline = TimeSpan.FromSeconds(60) });

    public TreeDirectory Root { get; } = new();

    public async Task JoinAsync(string name, Peer peer)
    {
        var (here, there) = MemoryTransport.CreatePair();
        _serving.Add(NineServer.ServeAsync(there, peer, Caller.System, NineLimits.Default, TimeProvider.System, _stop.Token));
        var link = await NineClient.ConnectAsync(here, new() { MessageSize = 64 * 1024, Requests = 32 });
        _links.Add(link);
        var root = await link.AttachAsync("root", "");
        var tree = new RemoteTree((_, _) => new(root), TimeProvider.System);
        Union.Set(new(name, "/peer/" + name, tree.Directory("node")));
    }

    public ValueTask<Attachment> AttachAsync(AttachRequest request, CancellationToken cancellation) => new(new Attachment(Root, Caller.System));

    public async ValueTask DisposeAsync()
    {
        foreach (var link in _links)
        {
            await link.DisposeAsync();
        }

        await _stop.CancelAsync();
        await Task.WhenAll(_serving);
        await Nodes.DisposeAsync();
    }
}
