using System.Text.Json;
using Pewter.Hosting;
using Pewter.Hosting.Events;
using Pewter.Hosting.Ledger;
using Pewter.Hosting.Logging;
using Pewter.NineP.Client;
using Pewter.NineP.Server;
using Pewter.NineP.Serving;
using Pewter.NineP.Transport;
using Pewter.Node;
using Pewter.Node.Processes;
using Pewter.Sdk;
using Pewter.Store;
using Pewter.Testing;
using Pewter.Tree;

namespace Pewter.Distribution.Tests;

/// <summary>A machine with the blob service and cells that see its files; machines below it are reached over 9P, as peers are.</summary>
internal sealed class Machine : IAsyncDisposable
{
    private readonly MemoryDisk _disk;
    private readonly TemporaryDirectory _state;
    private readonly List<IAsyncDisposable> _owned = [];
    private readonly TreeDirectory _peers = new();
    private TreeDirectory _nodes = null!;
    private BlobService _service = null!;
    private ServiceContext _context = null!;

    private Machine(MemoryDisk disk, TemporaryDirectory state) => (_disk, _state) = (disk, state);

    public static CancellationToken Token => TestContext.Current.CancellationToken;

    public static Caller Ann { get; } = new() { User = "ann", Groups = ["lab"] };

    public static Caller Bob { get; } = new() { User = "bob", Groups = ["shop"] };

    public TreeDirectory Root { get; } = new();

    public string State => _state.Path;

    public static async Task<Machine> StartAsync(
        BlobLimits? limits = null, TimeProvider? time = null, MemoryDisk? disk = null, TemporaryDirectory? state = null, string owner = "root")
    {
        var machine = new Machine(disk ?? new MemoryDisk(), state ?? new TemporaryDirectory());
        time ??= TimeProvider.System;
        var store = StateStore.OpenMemory(machine._disk, time: time);
        await store.LeadAsync(default);
        var events = await EventJournal.OpenAsync(store, "{\"event\":\"up\"}"u8.ToArray(), default);
        Directory.CreateDirectory(machine._state["blob"]);
        machine._context = new ServiceContext
        {
            Root = machine.Root, Store = store, Events = events, Ledger = new ResourceLedger(store),
                Log = new LogSink(TextWriter.Null, time).For("blob"),
            StateDirectory = machine._state["blob"], RunDirectory = machine._state.Path, Time = time, MachineName = "here",
        };
        machine._nodes = Nodes(owner);
        machine.Root.Add("node", machine._nodes).Add("peer", machine._peers);
        machine._service = new BlobService(limits);
        await machine._service.StartAsync(machine._context, default);
        machine._owned.AddRange([store, events, machine._service]);
        return machine;
    }

    public TreeClient As(Caller caller) => new(Root, caller);

    public FileStore Files(Caller? caller = null) => PewterClient.Over(As(caller ?? Caller.System)).Files;

    /// <summary>Makes another machine a peer of this one.</summary>
    public async Task AddPeerAsync(string name, Machine peer, Func<ServedFile, ServedFile>? around = null)
    {
        var (near, far) = MemoryTransport.CreatePair();
        var stop = new CancellationTokenSource();
        var serving = NineServer.ServeAsync(far, new Everybody(around?.Invoke(peer.Root) ?? peer.Root), Caller.System, NineLimits.Default,
            TimeProvider.System, stop.Token);
        var client = await NineClient.ConnectAsync(near, cancellation: default);
        var root = await client.AttachAsync("root", "");
        _peers.Add(name, new RemoteTree((_, _) => new(root), TimeProvider.System).Directory("", _peers));
        _owned.Add(new Link(client, stop, serving));
    }

    /// <summary>Adds a node that has files of its own only, as a virtual machine has, by a real agent whose root is a directory.</summary>
    public async Task AddNodeWithoutFilesAsync(string name, string root)
    {
        Directory.CreateDirectory(Path.Combine(root, "var/tmp"));
        var supervisor = ProcessSupervisor.Open(new SupervisorOptions { StateDirectory = _state["agent"] }, TimeProvider.System);
        var tree = new NodeTree(supervisor, new NodeTreeOptions { FilesRoot = root }, TimeProvider.System);
        var (near, far) = MemoryTransport.CreatePair();
        var stop = new CancellationTokenSource();
        var serving = NineServer.ServeAsync(far, new Everybody(tree.Root), Caller.System, NineLimits.Default, TimeProvider.System, stop.Token);
        var client = await NineClient.ConnectAsync(near, cancellation: default);
        var attached = await client.AttachAsync("root", "");
        var directory = new TreeDirectory();
        _nodes.Add(name, directory);
        directory.Add("json",
            new TextFile(() => $"{{\"path\":\"/node/{name}\",\"kind\":\"vm\",\"user\":\"root\",\"group\":\"root\",\"state\":\"ready\"}}"));
        directory.Add("fs", new RemoteTree((_, _) => new(attached), TimeProvider.System).Directory("fs", directory));
        _owned.AddRange([new Closing(supervisor), tree, new Link(client, stop, serving)]);
    }

    /// <summary>What is said of its blobs.</summary>
    public async Task<IReadOnlyList<JsonElement>> BlobsAsync(Caller? caller = null)
    {
        using var document = JsonDocument.Parse(await As(caller ?? Caller.System).ReadTextAsync("/blob/json", Token));
        return [.. document.RootElement.EnumerateArray().Select(blob => blob.Clone())];
    }

    /// <summary>Where this machine has what an owner's cells see at <c>/run/files</c>.</summary>
    public string Seen(string path, string owner = "root") => path.Replace("/run/files", _context.FilesOf(owner), StringComparison.Ordinal);

    /// <summary>Ends it as kill -9 does, as far as the store and the files are concerned, and starts it again.</summary>
    public async Task<Machine> RestartAsync(BlobLimits? limits = null)
    {
        await StopAsync();
        return await StartAsync(limits, disk: _disk, state: _state);
    }

    public async Task StopAsync()
    {
        foreach (var owned in Enumerable.Reverse(_owned))
        {
            await owned.DisposeAsync();
        }

        _owned.Clear();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _state.Dispose();
    }

    private static TreeDirectory Nodes(string owner)
    {
        var nodes = new TreeDirectory();
        for (var i = 1; i <= 2; i++)
        {
            var who = $"\"user\":\"{owner}\",\"group\":\"{owner}\"";
            var json = $"{{\"path\":\"/node/n{i}\",\"kind\":\"cell\",{who},\"state\":\"ready\",\"handle\":{{\"files\":\"/run/files\"}}}}";
            nodes.Add($"n{i}", new TreeDirectory().Add("json", new TextFile(() => json)));
        }

        return nodes;
    }

    private sealed class Everybody(ServedFile root) : IAttachPoint
    {
        public ValueTask<Attachment> AttachAsync(AttachRequest request, CancellationToken cancellation) => new(new Attachment(root, Caller.System));
    }

    private sealed class Closing(IDisposable owned) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            owned.Dispose();
            return ValueTask.CompletedTask;
        }
    }

    private sealed class Link(NineClient client, CancellationTokenSource stop, Task serving) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await client.DisposeAsync();
            await stop.CancelAsync();
            await serving;
            stop.Dispose();
        }
    }
}
