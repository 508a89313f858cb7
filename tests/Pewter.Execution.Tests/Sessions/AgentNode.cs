using Pewter.NineP.Client;
using Pewter.NineP.Server;
using Pewter.NineP.Serving;
using Pewter.NineP.Transport;
using Pewter.Node;
using Pewter.Node.Processes;
using Pewter.Tree;

namespace Pewter.Execution.Tests.Sessions;

/// <summary>A node of a test: a real agent in this process, reached over 9P as the control plane reaches every agent.</summary>
internal sealed class AgentNode : IAsyncDisposable
{
    private readonly string _state;
    private readonly CancellationTokenSource _stop;
    private readonly ProcessSupervisor _supervisor;
    private readonly NodeTree _tree;
    private readonly Task _serving;
    private readonly NineClient _client;
    private readonly NineFile _root;

    private AgentNode(ProcessSupervisor supervisor, string state, NodeTree tree, Task serving, NineClient client, NineFile root, CancellationTokenSource stop)
    {
        (_supervisor, _state, _tree, _serving, _client, _root, _stop) = (supervisor, state, tree, serving, client, root, stop);
        Remote = new RemoteTree((_, _) => IsCut ? throw new NineP.FileException(NineP.Errno.ENOLINK, "The cable is cut.") : new(_root), TimeProvider.System);
    }

    public RemoteTree Remote { get; }

    public bool IsCut { get; set; }

    public string State { get; set; } = "ready";

    public ProcessSupervisor Supervisor => _supervisor;

    public static async Task<AgentNode> StartAsync()
    {
        var state = Directory.CreateTempSubdirectory("pw-exec-").FullName;
        var supervisor = ProcessSupervisor.Open(new SupervisorOptions { StateDirectory = state }, TimeProvider.System);
        var tree = new NodeTree(supervisor, new NodeTreeOptions(), TimeProvider.System);
        var (near, far) = MemoryTransport.CreatePair();
        var stop = new CancellationTokenSource();
        var serving = NineServer.ServeAsync(far, new Everybody(tree.Root), Caller.System, NineLimits.Default, TimeProvider.System, stop.Token);
        var client = await NineClient.ConnectAsync(near, cancellation: default);
        var root = await client.AttachAsync("root", "");
        return new AgentNode(supervisor, state, tree, serving, client, root, stop);
    }

    /// <summary>Ends the connection, as a node does that dies.</summary>
    public async Task StopServingAsync()
    {
        await _stop.CancelAsync();
        await _serving;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var session in _supervisor.Sessions.Where(session => session.State == ProcessState.Running)) session.KillAll();
        await _client.DisposeAsync();
        await _stop.CancelAsync();
        await _serving;
        await _tree.DisposeAsync();
        _supervisor.Dispose();
        _stop.Dispose();
        Directory.Delete(_state, recursive: true);
    }

    private sealed class Everybody(ServedFile root) : IAttachPoint
    {
        public ValueTask<Attachment> AttachAsync(AttachRequest request, CancellationToken cancellation) => new(new Attachment(root, Caller.System));
    }
}
