using System.Reflection;
using Pewter.Doors;
using Pewter.Doors.Access;
using Pewter.Doors.Http;
using Pewter.Doors.NineDoors;
using Pewter.Doors.Tls;
using Pewter.Doors.Tokens;
using Pewter.Hosting;
using Pewter.Hosting.Events;
using Pewter.Hosting.Ledger;
using Pewter.Hosting.Logging;
using Pewter.NineP.Serving;
using Pewter.Store;
using Pewter.Tree;

namespace Pewter.Daemon;

/// <summary>
/// A whole daemon: the state, the tree, the services and the doors, started in this order and stopped in the reverse. Owns all of them.
/// </summary>
/// <remarks>
/// new → <see cref="StartAsync"/>, in which it may stand by for long → <see cref="RunAsync"/> until <see cref="Stop"/> or the lead is lost
/// → disposed.
/// </remarks>
internal sealed class DaemonHost : IAsyncDisposable
{
    private const int LostTheLead = 3;

    /// <summary>What the log says of a daemon that waits for the lead; <c>pewter up</c> looks for it.</summary>
    private const string StandingBy = "standing by";

    /// <summary>Who has no lead after this time tells so.</summary>
    private static readonly TimeSpan StandbyNotice = TimeSpan.FromSeconds(1);

    private readonly TimeProvider _time;
    private readonly long _started;
    private readonly TaskCompletionSource<string> _stop = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Stack<IAsyncDisposable> _owned = new();
    private readonly List<IService> _services = [];
    private readonly Log _log;
    private Leadership? _leadership;
    private EventJournal? _events;

    public DaemonHost(DaemonModel model, TimeProvider time)
    {
        (Model, _time, _started) = (model, time, time.GetTimestamp());
        Log = model.LogFile is { } file ? LogSink.ToFile(file, time) : new LogSink(Console.Error, time);
        Log.Level = model.LogLevel;
        _log = Log.For("daemon");
    }

    public static string Version { get; } =
        typeof(DaemonHost).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    public DaemonModel Model { get; }

    public LogSink Log { get; }

    public bool IsStopping => _stop.Task.IsCompleted;

    public TimeSpan Uptime => _time.GetElapsedTime(_started);

    public long LastEvent => _events?.Last ?? 0;

    public IReadOnlyList<IService> Services => _services;

    /// <summary>Asks the daemon to stop; the first reason counts.</summary>
    public void Stop(string reason) => _stop.TrySetResult(reason);

    /// <summary>Journals a line of somebody's; returns its number when it is durable.</summary>
    public ValueTask<long> NoteAsync(string text, Caller caller, CancellationToken cancellation) => _events!.AppendAsync(
        "note",
        members: json =>
        {
            json.WriteString("text", text);
            json.WriteString("by", caller.User);
        },
        cancellation: cancellation);

    /// <summary>
    /// Starts everything, as soon as this daemon leads; the doors are open when it returns, unless it was asked to stop before that.
    /// </summary>
    public async Task StartAsync()
    {
        Prepare(Model.Paths.State);
        Prepare(Path.GetDirectoryName(Model.Socket)!);
        var store = Own(DaemonStore.Open(Model.Paths, Model.PostgresConnection, new StoreLimits { EventsKept = Model.EventsKept }));
        if (!await LeadAsync(store))
        {
            return;
        }

        var started = EventBody.Write("daemon.started", members: json => json.WriteString("version", Version));
        _events = Own(await EventJournal.OpenAsync(store, started, CancellationToken.None));
        var root = BuildRoot(_events);
        var context = await DoorContextAsync(root, store);
        await StartServicesAsync(root, store, _events);
        await OpenDoorsAsync(context);
        var elapsed = Uptime;
        _log.Info("ready", ("socket", Model.Socket), ("state", Model.Paths.State), ("took", elapsed.TotalMilliseconds), ("version", Version));
        NotifySocket.Notify(Environment.GetEnvironmentVariable("NOTIFY_SOCKET"), $"READY=1\nSTATUS=Serving {Model.Socket}\n");
    }

    /// <summary>Runs until asked to stop; returns the exit code.</summary>
    public async Task<int> RunAsync()
    {
        if (_leadership is null)
        {
            return 0;
        }

        var lost = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = _leadership.Lost.Register(() => lost.TrySetResult());
        if (await Task.WhenAny(_stop.Task, lost.Task) == lost.Task)
        {
            // What this daemon holds may be old: another one leads now. The service manager starts it again, to stand by.
            _log.Error("another daemon leads, or the store is broken; ending");
            return LostTheLead;
        }

        _log.Info("stopping", ("reason", await _stop.Task));
        NotifySocket.Notify(Environment.GetEnvironmentVariable("NOTIFY_SOCKET"), "STOPPING=1\n");
        await _events!.AppendAsync("daemon.stopping", members: json => json.WriteString("reason", _stop.Task.Result));
        return 0;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Stop("disposed");
        while (_owned.TryPop(out var owned))
        {
            await owned.DisposeAsync();
        }

        if (_events is not null)
        {
            _log.Info("stopped", ("uptime", Uptime.TotalSeconds));
        }

        Log.Dispose();
    }

    private static void Prepare(string directory)
    {
        if (!Directory.Exists(directory))
        {
            Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
                | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        }
    }

    /// <summary>Waits for the lead, which may take for ever; false when the daemon is to stop before that.</summary>
    private async Task<bool> LeadAsync(StateStore store)
    {
        using var stop = new CancellationTokenSource();
        var leading = store.LeadAsync(stop.Token).AsTask();
        if (await Task.WhenAny(leading, Task.Delay(StandbyNotice, _time)) != leading)
        {
            _log.Info(StandingBy, ("because", "another daemon leads the store"));
            NotifySocket.Notify(Environment.GetEnvironmentVariable("NOTIFY_SOCKET"), "READY=1\nSTATUS=Standing by\n");
            await Task.WhenAny(leading, _stop.Task);
        }

        await stop.CancelAsync();
        try
        {
            _leadership = await leading;
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private TreeDirectory BuildRoot(EventJournal events) => new TreeDirectory()
        .Add("version", new TextFile(() => $"pewterd {Version}"))
        .Add("status", new TextFile(() => RootStatus.Render(this)))
        .Add("events", events.File())
        .Add("ctl", CtlFile.For(this, RootCommands.Create()));

    private async Task<DoorContext> DoorContextAsync(TreeDirectory root, StateStore store)
    {
        var tokens = await TokenStore.OpenAsync(store, _time);
        _owned.Push(new Owned(tokens));
        var authority = await CertificateAuthority.OpenAsync(store, _time);
        _owned.Push(new Owned(authority));
        root.Add("token", TokenFiles.Create(tokens)).Add("ca", AuthorityFiles.Create(authority));
        var log = Log.For("door");
        return new DoorContext
        {
            Root = root, Tokens = tokens, Authority = authority, Time = _time, OnFault = fault => log.Error("a connection failed", ("fault", fault)),
        };
    }

    private async Task StartServicesAsync(TreeDirectory root, StateStore store, EventJournal events)
    {
        var ledger = new ResourceLedger(store);
        foreach (var service in ServiceList.Create(Model))
        {
            var state = Path.Combine(Model.Paths.State, service.Name);
            Prepare(state);
            await service.StartAsync(
                new ServiceContext
                {
                    Root = root,
                    Store = store,
                    Events = events,
                    Ledger = ledger,
                    Log = Log.For(service.Name),
                    StateDirectory = state,
                    RunDirectory = Model.Paths.Run,
                    Time = _time,
                    MachineName = Model.Name,
                },
                CancellationToken.None);
            _services.Add(Own(service));
        }
    }

    private async Task OpenDoorsAsync(DoorContext context)
    {
        var http = Own(await HttpDoor.OpenAsync(Model.Http, context));
        var places = http.Addresses.Select(address => address.ToString()).Prepend(Model.Paths.HttpSocket);
        _log.Info("listening", ("door", "http"), ("at", string.Join(',', places)));

        // Last, because whoever finds this socket takes the daemon for ready.
        foreach (var endpoint in Model.Listen.Append(new UnixEndpoint(Model.Socket)))
        {
            var door = Own(NineDoor.Open(endpoint, context));
            _log.Info("listening", ("door", door.Name), ("at", door.LocalEndPoint));
        }
    }

    private T Own<T>(T owned)
        where T : IAsyncDisposable
    {
        _owned.Push(owned);
        return owned;
    }

    /// <summary>What is disposed at once, among those that take their time.</summary>
    private sealed class Owned(IDisposable owned) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            owned.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
