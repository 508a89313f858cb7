using System.Text.Json;
using Pewter.Hosting;
using Pewter.Hosting.Events;
using Pewter.Hosting.Ledger;
using Pewter.Hosting.Logging;
using Pewter.NineP.Serving;
using Pewter.Store;
using Pewter.Tree;

namespace Pewter.Networks.Benchmarks;

/// <summary>The network service on a durable store in a directory of its own, with one served network and one card on it.</summary>
internal sealed class Segment : IAsyncDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("pw").FullName;
    private readonly NetworkService _service = new();
    private StateStore _store = null!;
    private EventJournal _events = null!;

    private Segment()
    {
    }

    public string Scratch => _directory;

    public TreeClient Tree { get; private set; } = null!;

    /// <summary>What <c>connect</c> answered.</summary>
    public JsonElement Port { get; private set; }

    public static async Task<Segment> StartAsync()
    {
        var segment = new Segment();
        segment._store = StateStore.OpenDirectory(Path.Combine(segment._directory, "store"));
        await segment._store.LeadAsync(default);
        segment._events = await EventJournal.OpenAsync(segment._store, "{\"event\":\"up\"}"u8.ToArray(), default);
        var root = new TreeDirectory();
        var context = new ServiceContext
        {
            Root = root, Store = segment._store, Events = segment._events, Ledger = new ResourceLedger(segment._store),
            Log = new LogSink(TextWriter.Null, TimeProvider.System).For("network"), StateDirectory = segment._directory,
            RunDirectory = segment._directory, Time = TimeProvider.System, MachineName = "bench",
        };
        await segment._service.StartAsync(context, default);
        segment.Tree = new TreeClient(root, Caller.System);
        await segment.Tree.CommandAsync("/net/ctl", ["create", "name=lab", "cidr=10.42.0.0/24"]);
        segment.Port = (await segment.Tree.CommandAsync("/net/lab/ctl", ["connect", "n1.eth0"]))[0].Line;
        return segment;
    }

    public string Told(string name) => Port.GetProperty(name).GetString()!;

    public async ValueTask DisposeAsync()
    {
        await Tree.CommandAsync("/net/lab/ctl", ["disconnect", "n1.eth0"]);
        await Tree.CommandAsync("/net/lab/ctl", ["rm"]);
        await _service.DisposeAsync();
        await _events.DisposeAsync();
        await _store.DisposeAsync();
        Directory.Delete(_directory, true);
    }
}
