using System.Text;
using Pewter.Hosting;
using Pewter.Hosting.Events;
using Pewter.Hosting.Ledger;
using Pewter.Hosting.Logging;
using Pewter.Machines.Nodes;
using Pewter.NineP.Serving;
using Pewter.Store;
using Pewter.Tree;

namespace Pewter.Machines.Tests.Nodes;

/// <summary>A daemon with nothing but the node service, on a store in memory that outlives it.</summary>
internal sealed class NodeHouse : IAsyncDisposable
{
    private readonly StateStore _store;
    private readonly EventJournal _events;
    private readonly NodeService _service;

    private NodeHouse(StateStore store, EventJournal events, NodeService service, TreeDirectory root) =>
        (_store, _events, _service, Root) = (store, events, service, root);

    public static Caller Ann { get; } = new() { User = "ann", Uid = 1001, Gid = 1001, Groups = ["lab"] };

    public static Caller Ben { get; } = new() { User = "ben", Uid = 1002, Gid = 1002, Groups = ["else"] };

    public static Caller Cat { get; } = new() { User = "cat", Uid = 1003, Gid = 1003, Groups = ["lab"] };

    public TreeDirectory Root { get; }

    public ResourceLedger Ledger => new(_store);

    public TreeClient Admin => As(Caller.System);

    /// <summary>Starts a daemon whose only kind is a fake one.</summary>
    public static Task<NodeHouse> StartAsync(FakeKind kind, MemoryDisk? disk = null, TimeProvider? time = null, NodeLimits? limits = null) =>
        StartAsync(new NodeServiceOptions { HasHost = false, MoreKinds = [kind], Limits = limits ?? new NodeLimits() }, disk, time);

    public static async Task<NodeHouse> StartAsync(
        NodeServiceOptions options, MemoryDisk? disk = null, TimeProvider? time = null, string? directory = null, IService? before = null)
    {
        time ??= TimeProvider.System;
        directory ??= Path.GetTempPath();
        var store = StateStore.OpenMemory(disk, time: time);
        await store.LeadAsync(default);
        var events = await EventJournal.OpenAsync(store, "{\"event\":\"up\"}"u8.ToArray(), default);
        var service = new NodeService(options);
        var root = new TreeDirectory();
        var context = new ServiceContext
        {
            Root = root, Store = store, Events = events, Ledger = new ResourceLedger(store), Log = new LogSink(TextWriter.Null, time).For("node"),
            StateDirectory = directory, RunDirectory = directory, Time = time, MachineName = "test",
        };
        if (before is not null)
        {
            await before.StartAsync(context, default);
        }

        await service.StartAsync(context, default);
        return new NodeHouse(store, events, service, root);
    }

    public TreeClient As(Caller caller) => new(Root, caller);

    public async Task<IReadOnlyList<string>> NodesAsync() =>
        [.. (await Admin.ListAsync("/node")).Where(name => name[0] == 'n' && name.Length > 1 && char.IsAsciiDigit(name[1]))];

    public async Task<string> StateAsync(string id) =>
        Encoding.UTF8.GetString(await Admin.ReadBytesAsync($"/node/{id}/status")).Split("state=")[1].Split(' ', '\n')[0];

    /// <summary>The end of a killed daemon: its store takes nothing any more, and nobody waits for its work.</summary>
    public async Task KillAsync() => await _store.DisposeAsync();

    /// <summary>
    /// The same, and its connections are closed as a dead process's are. What it had started ahead is ended.
    /// </summary>
    public async Task KillAndHangUpAsync()
    {
        await KillAsync();
        await _service.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _service.DisposeAsync();
        await _events.DisposeAsync();
        await _store.DisposeAsync();
    }
}
