using Pewter.Hosting;
using Pewter.Hosting.Events;
using Pewter.Hosting.Ledger;
using Pewter.Hosting.Logging;
using Pewter.NineP.Serving;
using Pewter.Store;
using Pewter.Tree;

namespace Pewter.Execution.Tests.Sessions;

/// <summary>A daemon with the execution service over real agents, on a store in memory that outlives it.</summary>
internal sealed class ExecutionHouse : IAsyncDisposable
{
    private readonly StateStore _store;
    private readonly EventJournal _events;
    private readonly ExecutionService _service;
    private readonly Collection<AgentNode> _nodes;

    private ExecutionHouse(StateStore store, EventJournal events, ExecutionService service, Collection<AgentNode> nodes, TreeDirectory root)
    {
        (_store, _events, _service, _nodes) = (store, events, service, nodes);
        Admin = new TreeClient(root, Caller.System);
        Root = root;
    }

    public static CancellationToken Token => TestContext.Current.CancellationToken;

    public TreeDirectory Root { get; }

    public TreeClient Admin { get; }

    public static async Task<ExecutionHouse> StartAsync(IReadOnlyList<AgentNode> agents, MemoryDisk? disk = null, ExecutionLimits? limits = null)
    {
        var time = TimeProvider.System;
        var store = StateStore.OpenMemory(disk, time: time);
        await store.LeadAsync(default);
        var events = await EventJournal.OpenAsync(store, "{\"event\":\"up\"}"u8.ToArray(), default);
        var nodes = Nodes(agents, time);
        var root = new TreeDirectory().Add("node", nodes);
        var service = new ExecutionService(limits);
        var context = new ServiceContext
        {
            Root = root, Store = store, Events = events, Ledger = new ResourceLedger(store), Log = new LogSink(TextWriter.Null, time).For("proc"),
            StateDirectory = Path.GetTempPath(), RunDirectory = Path.GetTempPath(), Time = time, MachineName = "test",
        };
        await service.StartAsync(context, default);
        return new ExecutionHouse(store, events, service, nodes, root);
    }

    /// <summary>Makes a session, tells it these lines, and gives its directory.</summary>
    public async Task<string> SessionAsync(params string[] lines)
    {
        var (id, ctl) = await Admin.CloneAsync("/proc", Token);
        await using (ctl)
        {
            foreach (var line in lines.Prepend("type persistent"))
            {
                var replies = await ctl.TryCommandAsync(line, Token);
                if (replies.FirstOrDefault(reply => !reply.IsOk) is { } refused) throw new NineP.FileException(refused.Errno, refused.Error);
            }
        }

        return $"/proc/{id}";
    }

    public static string Shell(string script) => $"exec /bin/sh -c {RcQuoting.Quote(script)}";

    public async ValueTask DisposeAsync()
    {
        await _service.DisposeAsync();
        await _nodes.DisposeAsync();
        await _events.DisposeAsync();
        await _store.DisposeAsync();
    }

    private static Collection<AgentNode> Nodes(IReadOnlyList<AgentNode> agents, TimeProvider time)
    {
        var kind = new ObjectKind<AgentNode>
        {
            Prefix = "n",
            Fields = new Fields<AgentNode>().Text("kind", _ => "host", indexed: true).Number("cpus", _ => 2).Number("load", _ => 0),
            States = new StateModel<AgentNode>(node => node.State, ["ready", "lost", "released"], ["released"]),
            Files = (directory, node) => directory.Add("proc", node.Remote.Directory("proc", directory)),
        };
        var nodes = new Collection<AgentNode>(kind, time);
        for (var i = 0; i < agents.Count; i++) nodes.Add(i + 1, agents[i]);
        return nodes;
    }
}
