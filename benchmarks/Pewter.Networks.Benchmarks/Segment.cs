using System.Text.Json;
using Pewter.Hosting;
using Pewter.Hosting.Events;
using Pewter.Hosting.Ledger;
using Pewter.Hosting.Logging;
using Pewter.Images;
using Pewter.NineP.Serving;
using Pewter.Store;
using Pewter.Tree;

namespace Pewter.Networks.Benchmarks;

/// <summary>
/// The network and disk services on a durable store in a directory of their own, with one served network and cards on it: n1, n2, … as many as asked for.
/// </summary>
internal sealed class Segment : IAsyncDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("pw").FullName;
    private readonly NetworkService _service = new();
    private readonly ImageService _images = new();
    private readonly List<JsonElement> _ports = [];
    private StateStore _store = null!;
    private EventJournal _events = null!;

    private Segment()
    {
    }

    public string Scratch => _directory;

    public TreeClient Tree { get; private set; } = null!;


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
        await segment._images.StartAsync(context, default);
        segment.Tree = new TreeClient(root, Caller.System);
        await segment.Tree.CommandAsync("/net/ctl", ["create", "name=lab", "cidr=10.42.0.0/24"]);
        return segment;
    }

    /// <summary>What <c>connect</c> answered for a card, which is connected at the first question.</summary>
    public async Task<string> ToldAsync(int card, string name)
    {
        while (_ports.Count < card)
            _ports.Add((await Tree.CommandAsync("/net/lab/ctl", ["connect", $"n{_ports.Count + 1}.eth0"]))[0].Line);
        return _ports[card - 1].GetProperty(name).GetString()!;
    }

    private async Task<IReadOnlyList<KernelResource>> Resources() => [.. await new ResourceLedger(_store).ListAsync(default)];

    public async ValueTask DisposeAsync()
    {
        for (var card = 1; card <= _ports.Count; card++)
            await Tree.CommandAsync("/net/lab/ctl", ["disconnect", $"n{card}.eth0"]);
        await Tree.CommandAsync("/net/lab/ctl", ["rm"]);
        await _images.DisposeAsync();
        await _service.DisposeAsync();
        var cleaner = new ResourceCleaner();
        foreach (var resource in await Resources())
            cleaner.Remove(resource);
        await _events.DisposeAsync();
        await _store.DisposeAsync();
        Directory.Delete(_directory, true);
    }
}
