using Pewter.Hosting;
using Pewter.Hosting.Events;
using Pewter.Hosting.Ledger;
using Pewter.Hosting.Logging;
using Pewter.NineP.Serving;
using Pewter.Store;
using Pewter.Testing;
using Pewter.Tree;

namespace Pewter.Messaging.Tests;

/// <summary>The service alone in a tree of its own, over a store that may be another's that was killed.</summary>
internal sealed class MailHouse : IAsyncDisposable
{
    private readonly StateStore _store;
    private readonly EventJournal _events;
    private readonly MessagingService _service = new();

    private MailHouse(StateStore store, EventJournal events, string directory)
    {
        (_store, _events, Directory) = (store, events, directory);
        Tree = new TreeClient(Root, Caller.System);
    }

    public string Directory { get; }

    public string Socket => Path.Join(Directory, MessagingService.SocketName);

    public TreeDirectory Root { get; } = new();

    public TreeClient Tree { get; }

    public static async Task<MailHouse> StartAsync(TemporaryDirectory directory, MemoryDisk? disk = null)
    {
        var time = TimeProvider.System;
        var store = StateStore.OpenMemory(disk, time: time);
        await store.LeadAsync(default);
        var events = await EventJournal.OpenAsync(store, "{\"event\":\"up\"}"u8.ToArray(), default);
        var house = new MailHouse(store, events, directory.Path);
        await house._service.StartAsync(
            new ServiceContext
            {
                Root = house.Root, Store = store, Events = events, Ledger = new ResourceLedger(store),
                Log = new LogSink(TextWriter.Null, time).For("mail"),
                StateDirectory = directory.Path, RunDirectory = directory.Path, Time = time, MachineName = "test",
            },
            default);
        return house;
    }

    public async ValueTask DisposeAsync()
    {
        await _service.DisposeAsync();
        await _events.DisposeAsync();
        await _store.DisposeAsync();
    }
}
