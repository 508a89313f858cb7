using Pewter.Hosting;
using Pewter.NineP;
using Pewter.NineP.Client;
using Pewter.NineP.Serving;
using Pewter.Peers.Identity;
using Pewter.Peers.Links;
using Pewter.Tree;

namespace Pewter.Peers.Joining;

/// <summary>
/// The link to the parent, kept up by dialling again with growing pauses. Owns one task, from <see cref="Start"/> until disposed.
/// </summary>
internal sealed class ParentLink : IAsyncDisposable
{
    private readonly PeerOptions _options;
    private readonly JoinOptions _join;
    private readonly PeerIdentity _identity;
    private readonly PeerTable _table;
    private readonly ParentDial _dial;
    private readonly ServiceContext _context;
    private readonly Backoff _backoff;
    private readonly CancellationTokenSource _stop = new();
    private readonly RemoteTree _tree;
    private Task _running = Task.CompletedTask;
    private volatile IReadOnlyList<string> _route = [];
    private volatile ParentSession? _session;

    public ParentLink(
        ServiceContext context, PeerOptions options, JoinOptions join, PeerIdentity identity, PeerTable table, ParentDial dial)
    {
        (_context, _options, _join, _identity, _table, _dial) = (context, options, join, identity, table, dial);
        var seed = options.JitterSeed ?? HashCode.Combine(Environment.ProcessId, context.Time.GetTimestamp());
        _backoff = new Backoff(options.FirstPause, options.LongestPause, new Random(seed));
        _tree = new RemoteTree(RootAsync, context.Time);
    }

    /// <summary>connecting, up or unreachable.</summary>
    public string State { get; private set; } = PeerState.Connecting;

    /// <summary>Why it is not up; null when it is.</summary>
    public string? Error { get; private set; }

    /// <summary>The door that is dialled.</summary>
    public string Target => _join.ToString();

    /// <summary>The ids of the daemons above this one, the parent's first.</summary>
    public IReadOnlyList<string> Route => _route;

    /// <summary>Starts to dial.</summary>
    public void Start() => _running = RunAsync();

    /// <summary>The parent's tree, for administrators of this daemon.</summary>
    public TreeFile Directory() => new ParentDirectory(_tree);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            var reason = await OnceAsync();
            var wasUp = State == PeerState.Up;
            (_session, _route, State, Error) = (null, [], PeerState.Unreachable, reason);
            if (wasUp)
            {
                _backoff.Reset();
            }

            try
            {
                _context.Log.Warn("the parent is not reachable", ("parent", Target), ("reason", reason));
                await Task.Delay(_backoff.Next(), _context.Time, _stop.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    /// <summary>One connection from its beginning to its end; says why it ended.</summary>
    private async Task<string> OnceAsync()
    {
        try
        {
            using var patience = new CancellationTokenSource(_options.ConnectTimeout, _context.Time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, _stop.Token);
            await using var session = await ParentSession.OpenAsync(_dial, _join, _context.Time, either.Token);
            var heartbeat = new Heartbeat(_options, session.Life, _context.Time);
            Heard(await heartbeat.OnceAsync(session.Beat, either.Token));
            var name = await session.GreetAsync(Hello(session.Address), either.Token);
            (_session, State, Error) = (session, PeerState.Up, null);
            _context.Log.Info("joined", ("parent", name), ("at", Target));
            var attach = new ParentAttach(_context.Root, name, _join.Trust);
            return await session.ServeAsync(attach, beat => heartbeat.RunAsync(session.Beat, Heard, beat), _stop.Token);
        }
        catch (OperationCanceledException)
        {
            return _stop.IsCancellationRequested ? "this daemon stops" : "no answer in time";
        }
        catch (Exception failure) when (failure is FileException or IOException)
        {
            return failure.Message;
        }
    }

    private JoinHello Hello(string address) =>
        new(_table.Name, _identity.Id, _identity.KeyFor(Target), _options.Version, address, Target);

    private void Heard(Beat beat)
    {
        if (beat.Route.Contains(_identity.Id) || beat.Route.Count >= Beat.MaxRoute)
        {
            throw new FileException(Errno.ELOOP, $"{beat.Name} has this daemon above itself: that is a loop.");
        }

        _route = beat.Route;
    }

    private ValueTask<NineFile> RootAsync(Caller caller, CancellationToken cancellation) => _session is { } session
        ? new(session.RootAsync(cancellation))
        : throw new FileException(Errno.ENOLINK, $"The parent is {State}: {Error}");

    /// <summary>
    /// <c>/parent</c>. Only administrators get in, because what they do there is done by the right of this daemon's own token, not by
    /// theirs.
    /// </summary>
    private sealed class ParentDirectory : VirtualDirectory
    {
        private readonly ServedFile _remote;

        public ParentDirectory(RemoteTree tree)
        {
            Mode = UnixMode.Octal(700);
            _remote = tree.Directory("", this);
        }

        protected override ValueTask<ServedFile?> FindAsync(string name, Caller caller, CancellationToken cancellation) =>
            _remote.WalkAsync(name, caller, cancellation);

        protected override ValueTask<OpenFile> OpenCoreAsync(OpenFlags flags, Caller caller, CancellationToken cancellation) =>
            _remote.OpenAsync(flags, caller, cancellation);

        protected override ValueTask ListAsync(ulong cookie, DirectoryPage page, Caller caller, CancellationToken cancellation) =>
            throw new FileException(Errno.EOPNOTSUPP, "It is listed by an open.");
    }
}
