using Pewter.Hosting;
using Pewter.Hosting.Events;
using Pewter.Hosting.Ledger;
using Pewter.Hosting.Logging;
using Pewter.NineP;
using Pewter.NineP.Server;
using Pewter.NineP.Serving;
using Pewter.Peers.Joining;
using Pewter.Store;
using Pewter.Testing;
using Pewter.Tree;

namespace Pewter.Peers.Tests;

/// <summary>
/// One daemon of several in this process: a root with a collection <c>/node</c>, the peers, and a door in memory where tokens are names.
/// Everything but the cables between them is what a real one has.
/// </summary>
internal sealed class Daemon : IAttachPoint, IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _serving = [];
    private readonly List<Wire> _wires = [];
    private StateStore _store = null!;
    private EventJournal _events = null!;

    private Daemon(string name, TimeProvider time)
    {
        (Name, Time) = (name, time);
        Things = new Collection<Thing>(
            new ObjectKind<Thing>
            {
                Prefix = "n",
                Mode = UnixMode.Octal(755),
                Owner = thing => thing.Made.Owner,
                Fields = new Fields<Thing>().Text("color", thing => thing.Color, indexed: true),
                Commands = new CommandSet<Thing>().Add("paint <color>", "Paints it.", (thing, call) => thing.Color = call.Word("color")),
                Create = (made, _) => new(new Thing(made, "white")),
            },
            time);
        Root.Add("status", new TextFile(() => $"/ state=ready name={name}")).Add("version", new TextFile(() => "test")).Add("node", Things);
    }

    /// <summary>Settings that make a test short.</summary>
    public static PeerOptions Quick { get; } = new()
    {
        Version = "1.2.3",
        BeatInterval = TimeSpan.FromMilliseconds(100),
        DeadAfter = TimeSpan.FromSeconds(1),
        FirstPause = TimeSpan.FromMilliseconds(20),
        LongestPause = TimeSpan.FromMilliseconds(200),
        JitterSeed = 1,
    };

    public string Name { get; }

    public TimeProvider Time { get; }

    public TreeDirectory Root { get; } = new();

    public Collection<Thing> Things { get; }

    public PeerService Service { get; private set; } = null!;

    /// <summary>The cable to the parent; the last one.</summary>
    public Wire Cable => _wires[^1];

    /// <summary>Whether it can dial now.</summary>
    public bool IsUnplugged { get; set; }

    public static async Task<Daemon> StartAsync(
        string name, Daemon? parent = null, PeerOptions? options = null, string token = "join", PeerTrust trust = PeerTrust.Users,
        bool showsParent = false, TimeProvider? time = null, Daemon? sameAs = null)
    {
        var daemon = new Daemon(name, time ?? TimeProvider.System);
        options ??= Quick;
        if (parent is not null)
        {
            var target = JoinTarget.TryParse($"tls://{parent.Name}:564", out _)!;
            options = options with { Join = new JoinOptions(target) { Token = token, Trust = trust, ShowsParent = showsParent } };
        }

        await daemon.StartAsync(options, parent, sameAs);
        return daemon;
    }

    public TreeClient As(Caller caller) => new(Root, caller);

    public Thing Add(Caller owner, string color)
    {
        var thing = new Thing(Things.Next(owner), color);
        Things.Add(thing.Made.Number, thing);
        return thing;
    }

    /// <summary>Waits until the parent knows this daemon by its name and in this state.</summary>
    public Task SeenAsync(Daemon parent, string state = "up") => Until.TrueAsync(
        () => parent.As(Caller.System).ReadTextAsync("/peer/status").AsTask().Result.Split('\n')
            .Any(line => line.Contains($" name={Name} ", StringComparison.Ordinal) && line.Contains($" state={state} ", StringComparison.Ordinal)),
        $"{Name} is {state} at {parent.Name}");

    public ValueTask<Attachment> AttachAsync(AttachRequest request, CancellationToken cancellation)
    {
        var parts = request.AccessName.Split(",token=");
        var caller = parts.Length == 2 ? Callers.OfToken(parts[1]) : null;
        return caller is null
            ? throw new FileException(Errno.EACCES, "No such token.")
            : WalkAsync();

        async ValueTask<Attachment> WalkAsync() => new(await new TreeClient(Root, caller).WalkAsync(parts[0], cancellation), caller);
    }

    public async ValueTask DisposeAsync()
    {
        await Service.DisposeAsync();
        await _stop.CancelAsync();
        await Task.WhenAll(_serving);
        foreach (var wire in _wires)
        {
            await wire.DisposeAsync();
        }

        await _events.DisposeAsync();
        await _store.DisposeAsync();
        await Things.DisposeAsync();
    }

    private async Task StartAsync(PeerOptions options, Daemon? parent, Daemon? sameAs)
    {
        _store = StateStore.OpenMemory();
        await _store.LeadAsync(CancellationToken.None);
        if (sameAs is not null)
        {
            // Who has another's secret is the other, as far as anybody can tell.
            var identity = (await sameAs._store.ReadAsync("peer-identity", "own", CancellationToken.None))!;
            await _store.CommitAsync(new CommitBatch().Put(identity.Key.Kind, identity.Key.Id, identity.Body), CancellationToken.None);
        }

        _events = await EventJournal.OpenAsync(_store, EventBody.Write("daemon.started"), CancellationToken.None);
        Root.Add("events", _events.File());
        Service = new PeerService(options, (_, _) => DialAsync(parent!));
        await Service.StartAsync(
            new ServiceContext
            {
                Root = Root, Store = _store, Events = _events, Ledger = new ResourceLedger(_store), Log = new LogSink(TextWriter.Null, Time).For("peer"),
                StateDirectory = Path.GetTempPath(), RunDirectory = Path.GetTempPath(), Time = Time, MachineName = Name,
            },
            CancellationToken.None);
    }

    private Task<DialledParent> DialAsync(Daemon parent)
    {
        if (IsUnplugged || parent._stop.IsCancellationRequested)
        {
            throw new IOException("nobody answers there");
        }

        var wire = new Wire();
        _wires.Add(wire);
        lock (parent._serving)
        {
            parent._serving.Add(NineServer.ServeAsync(wire.Other, parent, null, NineLimits.Default, Time, parent._stop.Token));
        }

        return Task.FromResult(new DialledParent(wire.One, "memory", wire));
    }
}
