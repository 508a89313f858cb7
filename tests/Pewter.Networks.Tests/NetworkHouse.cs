using System.Text.Json;
using Pewter.Hosting;
using Pewter.Hosting.Events;
using Pewter.Hosting.Ledger;
using Pewter.Hosting.Logging;
using Pewter.NineP.Serving;
using Pewter.Store;
using Pewter.Testing;
using Pewter.Tree;

namespace Pewter.Networks.Tests;

/// <summary>
/// A daemon with nothing but the network service, over a store in memory and a directory that outlive it, and a few
/// nodes that are only names. What is
/// left in the kernel at the end is a failure, and taken away.
/// </summary>
internal sealed class NetworkHouse : IAsyncDisposable
{
    private readonly MemoryDisk _disk = new();
    private readonly TemporaryDirectory _directory = new();
    private readonly NetworkServiceOptions _options;
    private StateStore _store = null!;
    private EventJournal _events = null!;
    private NetworkService _service = null!;

    private NetworkHouse(NetworkServiceOptions options) => _options = options;

    public static Caller Ann { get; } = new() { User = "ann", Uid = 1001, Gid = 1001, Groups = ["lab"] };

    public static Caller Ben { get; } = new() { User = "ben", Uid = 1002, Gid = 1002, Groups = ["else"] };

    public TreeDirectory Root { get; private set; } = null!;

    /// <summary>What another service of the same daemon is given.</summary>
    public ServiceContext Context { get; private set; } = null!;

    /// <summary>Nodes by id, with the project of each. A test adds and removes.</summary>
    public TreeDirectory Nodes { get; private set; } = null!;

    public TreeClient Admin => As(Caller.System);

    public ResourceLedger Ledger => new(_store);

    /// <summary>A directory that goes with the house.</summary>
    public string Scratch => _directory.Path;

    public static async Task<NetworkHouse> StartAsync(NetworkServiceOptions? options = null)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "skipped, because network namespaces need root");
        var house = new NetworkHouse(options ?? new NetworkServiceOptions { IsServed = false });
        await house.RestartAsync();
        return house;
    }

    /// <summary>Another daemon over the same state; the one before must have been killed.</summary>
    public async Task RestartAsync()
    {
        _store = StateStore.OpenMemory(_disk);
        await _store.LeadAsync(default);
        _events = await EventJournal.OpenAsync(_store, "{\"event\":\"up\"}"u8.ToArray(), default);
        _service = new NetworkService(_options);
        (Root, Nodes) = (new TreeDirectory(), new TreeDirectory());
        Context = new ServiceContext
        {
            Root = Root, Store = _store, Events = _events, Ledger = new ResourceLedger(_store),
            Log = new LogSink(TextWriter.Null, TimeProvider.System).For("network"),
            StateDirectory = _directory.Path, RunDirectory = _directory.Path, Time = TimeProvider.System, MachineName = "test",
        };
        await _service.StartAsync(Context, default);
        foreach (var (id, project) in (ReadOnlySpan<(string, string)>)[("n1", "root"), ("n2", "root"), ("n3", "root"), ("n7", "lab"), ("n8", "else")])
            AddNode(id, project);
        Root.Add("node", Nodes);
    }

    public void AddNode(string id, string project) => Nodes.Add(id, new TreeDirectory { Mode = UnixMode.Octal(755) }.Add(
        "json", new TextFile(() => $$"""{"id":"{{id}}","name":"web-{{id}}","user":"u","group":"{{project}}"}""")));

    public TreeClient As(Caller caller) => new(Root, caller);

    /// <summary>Makes a network and gives its id.</summary>
    public async Task<string> CreateAsync(params string[] words) =>
        (await Admin.CommandAsync("/net/ctl", ["create", .. words]))[0].Text("id");

    /// <summary>Connects a card.</summary>
    public async Task<JsonElement> ConnectAsync(string network, params string[] words) =>
        (await Admin.CommandAsync($"/net/{network}/ctl", ["connect", .. words]))[0].Line;

    public async Task<string> StatusAsync(string network) => await Admin.ReadTextAsync($"/net/{network}/status");

    /// <summary>What the ledger has that is really there.</summary>
    public async Task<IReadOnlyList<KernelResource>> LeftAsync()
    {
        var cleaner = new ResourceCleaner();
        return [.. (await Ledger.ListAsync(default)).Where(cleaner.Exists)];
    }

    /// <summary>The end of a killed daemon: its store takes nothing any more.</summary>
    public async Task KillAsync()
    {
        await _store.DisposeAsync();
        await _service.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        var resources = await Ledger.ListAsync(default);
        await _service.DisposeAsync();
        await _events.DisposeAsync();
        await _store.DisposeAsync();
        var cleaner = new ResourceCleaner();
        foreach (var resource in resources)
            cleaner.Remove(resource);
        Assert.DoesNotContain(resources, cleaner.Exists);
        _directory.Dispose();
    }
}
