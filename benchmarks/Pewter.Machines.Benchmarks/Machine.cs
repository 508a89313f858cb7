using Pewter.Hosting;
using Pewter.Hosting.Events;
using Pewter.Hosting.Ledger;
using Pewter.Hosting.Logging;
using Pewter.NineP.Serving;
using Pewter.Store;
using Pewter.Tree;

namespace Pewter.Machines.Benchmarks;

/// <summary>The node service on a durable store in a directory of its own, with real agents.</summary>
internal sealed class Machine : IAsyncDisposable
{
    private readonly string _directory;
    private readonly StateStore _store;
    private readonly EventJournal _events;
    private readonly NodeService _service;

    private Machine(string directory, StateStore store, EventJournal events, NodeService service, TreeDirectory root) =>
        (_directory, _store, _events, _service, Tree) = (directory, store, events, service, new TreeClient(root, Caller.System));

    public TreeClient Tree { get; }

    /// <summary>Starts it; null when there is no agent.</summary>
    public static async Task<Machine?> StartAsync()
    {
        if (FindAgent() is not { } agent)
        {
            return null;
        }

        var directory = Directory.CreateTempSubdirectory("pw").FullName;
        var store = StateStore.OpenDirectory(Path.Combine(directory, "store"));
        await store.LeadAsync(default);
        var events = await EventJournal.OpenAsync(store, "{\"event\":\"up\"}"u8.ToArray(), default);
        var service = new NodeService(new NodeServiceOptions
        {
            HasHost = false, AgentPath = agent, BuiltInGuest = (program, _) => new(BootedGuest.Make(directory, program)),
            MoreKinds = [new IdleKind()],
        });
        var root = new TreeDirectory();
        await service.StartAsync(
            new ServiceContext
            {
                Root = root, Store = store, Events = events, Ledger = new ResourceLedger(store),
                Log = new LogSink(Console.Error, TimeProvider.System).For("node"), StateDirectory = directory, RunDirectory = directory,
                Time = TimeProvider.System, MachineName = "bench",
            },
            default);
        return new Machine(directory, store, events, service, root);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var id in (await Tree.ListAsync("/node")).Where(name => name.Length > 1 && name[0] == 'n' && char.IsAsciiDigit(name[1])))
        {
            await Tree.CommandAsync($"/node/{id}/ctl", ["release"]);
        }

        await _service.DisposeAsync();
        await _events.DisposeAsync();
        await _store.DisposeAsync();
        Directory.Delete(_directory, true);
    }

    private static string? FindAgent()
    {
        if (Environment.GetEnvironmentVariable("PEWTER_NODE") is { } named)
        {
            return named;
        }

        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            var program = Path.Combine(directory.FullName, "artifacts", "pewter-node", "pewter-node");
            if (File.Exists(program))
            {
                return program;
            }
        }

        return null;
    }
}
