using System.Collections.Concurrent;
using System.Net.Sockets;
using Pewter.Linux;
using Pewter.Linux.Memory;
using Pewter.Linux.Sockets;

namespace Pewter.Mail;

/// <summary>
/// An office's connection to the hub of its node. While the hub is away everything that has a ring goes on; names stay
/// as they are. When it is back, the office says
/// again what it has bound and watches, and what was under way by the hub is sent again.
/// </summary>
/// <remarks>
/// One thread reads, as descriptors come with frames; writes go through the <see cref="FrameOutbox"/>.
/// </remarks>
internal sealed class HubClient : MailUplink
{
    private const int OutboxBytes = 8 << 20;
    private static readonly TimeSpan Again = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan ProbeEvery = TimeSpan.FromMilliseconds(500);

    // A hub that was restarted hears of the others within this time; until then names stay as they were.
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(2);

    private readonly Func<CancellationToken, ValueTask<Socket>> _connect;
    private readonly PostOffice _office;
    private readonly Lock _lock = new();
    private readonly Dictionary<(MailTarget Target, bool Groups), Watched> _watches = [];
    private readonly ConcurrentDictionary<ulong, Asked> _asked = new();
    private readonly ConcurrentDictionary<Route, byte> _seeking = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Thread _thread;
    private readonly ITimer _probing;
    private Socket _socket;
    private FrameOutbox _outbox;
    private StreamLink _link;
    private ulong _lastNumber;

    private HubClient(Func<CancellationToken, ValueTask<Socket>> connect, PostOffice office, Socket socket)
    {
        (_connect, _office, _socket) = (connect, office, socket);
        (_outbox, _link) = Outfit(socket);
        _thread = new Thread(Run) { IsBackground = true, Name = "pewter-mail-hub" };
        _probing = office.Time.CreateTimer(_ => Probe(), null, ProbeEvery, ProbeEvery);
    }

    /// <summary>Opens an office that belongs to the hub at a socket.</summary>
    internal static ValueTask<PostOffice> AttachAsync(string path, PostOfficeOptions options, CancellationToken cancellation) =>
        AttachAsync(stop => ConnectAsync(path, stop), options, cancellation);

    /// <summary>
    /// Opens an office that belongs to the hub behind a connection, which is made again whenever it ends.
    /// </summary>
    internal static async ValueTask<PostOffice> AttachAsync(
        Func<CancellationToken, ValueTask<Socket>> connect, PostOfficeOptions options, CancellationToken cancellation)
    {
        var socket = await connect(cancellation);
        var node = await GreetAsync(socket, options.Office, cancellation);
        var office = new PostOffice(options with { Node = node.Node, Office = node.Office });
        var client = new HubClient(connect, office, socket);
        office.Uplink = client;
        client._thread.Start();
        return office;
    }

    internal override async ValueTask BindAsync(NameBinding binding, CancellationToken cancellation)
    {
        var (number, answer) = Ask(binding);
        _outbox.TryAppend(HubFrame.ForBinding(HubFrame.Bind, binding, number), HubFrame.Text(binding.Target.ToString()));
        try
        {
            var refusal = await answer.WaitAsync(cancellation);
            if (refusal.Length != 0)
            {
                throw new MailException(LinuxErrno.EADDRINUSE, refusal);
            }
        }
        finally
        {
            _asked.TryRemove(number, out _);
        }
    }

    internal override void Unbind(NameBinding binding) =>
        _outbox.TryAppend(HubFrame.ForBinding(HubFrame.Unbind, binding), HubFrame.Text(binding.Target.ToString()));

    internal override Task WatchAsync(MailTarget target, bool groups)
    {
        if (target.IsPort)
        {
            return Task.CompletedTask;
        }

        lock (_lock)
        {
            if (_watches.TryGetValue((target, groups), out var known))
            {
                return known.Synced.Task;
            }

            var watched = new Watched(++_lastNumber, target, groups);
            _watches.Add((target, groups), watched);
            Tell(watched);
            return watched.Synced.Task;
        }
    }

    internal override void FindWay(Route route)
    {
        if (_seeking.TryAdd(route, 0))
        {
            Seek(route);
        }
    }

    public override async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _probing.DisposeAsync();
        lock (_lock)
        {
            foreach (var watched in _watches.Values)
            {
                watched.Sweeping?.Dispose();
            }
        }

        await _outbox.CloseAsync().WaitAsync(TimeSpan.FromSeconds(1), _office.Time).ContinueWith(
            _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        _socket.Dispose();
        if (Thread.CurrentThread != _thread)
        {
            await Task.Run(_thread.Join);
        }
    }

    private static async ValueTask<Socket> ConnectAsync(string path, CancellationToken cancellation)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellation);
            return socket;
        }
        catch (SocketException refused)
        {
            socket.Dispose();
            throw new MailException(LinuxErrno.ENOTCONN, $"No hub answers at {path}: is the daemon up? ({refused.Message})");
        }
    }

    private static async ValueTask<PortAddress> GreetAsync(Socket socket, uint office, CancellationToken cancellation)
    {
        var hello = new FrameHeader { Kind = HubFrame.Hello, From = new PortAddress(0, office, 0) };
        var bytes = new byte[FrameHeader.Size + HubFrame.Version.Length];
        hello.BodyLength = HubFrame.Version.Length;
        System.Runtime.InteropServices.MemoryMarshal.Write(bytes, in hello);
        HubFrame.Text(HubFrame.Version).CopyTo(bytes, FrameHeader.Size);
        await socket.SendAsync(bytes, cancellation);
        var answer = new byte[FrameHeader.Size];
        for (var got = 0; got < answer.Length;)
        {
            got += await ReceiveAsync(socket, answer.AsMemory(got), cancellation);
        }

        var welcome = System.Runtime.InteropServices.MemoryMarshal.Read<FrameHeader>(answer);
        return welcome.Kind == HubFrame.Welcome && welcome.BodyLength == 0
            ? welcome.To
            : throw new MailException(LinuxErrno.EINVAL, "What answers at the hub's socket is no hub.");
    }

    private static async ValueTask<int> ReceiveAsync(Socket socket, Memory<byte> room, CancellationToken cancellation)
    {
        try
        {
            if (await socket.ReceiveAsync(room, cancellation) is > 0 and var count)
            {
                return count;
            }
        }
        catch (SocketException)
        {
            // Hanging up and resetting say the same.
        }

        throw new MailException(LinuxErrno.ECONNREFUSED, "The hub does not take this process in.");
    }

    private (FrameOutbox, StreamLink) Outfit(Socket socket)
    {
        var outbox = new FrameOutbox(new NetworkStream(socket, ownsSocket: false), socket, OutboxBytes, socket.Dispose);
        var link = new StreamLink(_office, outbox, MailTransport.SameHost);
        outbox.Drained = () => _office.FlushRoutes(link);
        return (outbox, link);
    }

    private (ulong Number, Task<string> Answer) Ask(NameBinding binding)
    {
        ulong number;
        lock (_lock)
        {
            number = ++_lastNumber;
        }

        var answer = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        _asked[number] = new Asked(binding, answer);
        return (number, answer.Task);
    }

    private void Tell(Watched watched) => _outbox.TryAppend(
        new FrameHeader { Kind = HubFrame.Watch, Request = watched.Number, Flags = watched.Groups ? FrameFlags.Group : FrameFlags.None },
        HubFrame.Text(watched.Target.ToString()));

    private void Seek(Route route) =>
        _outbox.TryAppend(new FrameHeader { Kind = HubFrame.FindWay, To = new PortAddress(route.Node, route.Office, 0) }, default);

    private void Run()
    {
        while (!_stop.IsCancellationRequested)
        {
            Read();
            if (!_stop.IsCancellationRequested)
            {
                _office.DropLink(_link);
                Reconnect();
            }
        }
    }

    private void Read()
    {
        var source = new FrameSource(_office.Limits.MessageBytesMax);
        var descriptors = new List<int>();
        try
        {
            while (true)
            {
                var count = DescriptorPassing.Receive((int)_socket.Handle, source.Room.Span, descriptors);
                if (count == -LinuxErrno.EAGAIN)
                {
                    _socket.Poll(-1, SelectMode.SelectRead);
                    continue;
                }

                if (count <= 0)
                {
                    break;
                }

                source.Filled(count);
                while (source.TryNext(out var header, out var body))
                {
                    Take(header, body, descriptors);
                }
            }
        }
        catch (Exception broken) when (broken is InvalidDataException or ObjectDisposedException or SocketException or LinuxException)
        {
        }

        descriptors.ForEach(Descriptors.Close);
    }

    private void Take(in FrameHeader header, ReadOnlySpan<byte> body, List<int> descriptors)
    {
        switch (header.Kind)
        {
            case HubFrame.BindAnswer:
                if (_asked.TryRemove(header.Request, out var asked))
                {
                    asked.Answer.TrySetResult(HubFrame.Text(body));
                }

                break;
            case HubFrame.Up when HubFrame.ReadBinding(header, body) is { } up && !up.Port.IsSameOffice(_office.Address):
                Note(header.Request, up);
                _office.Names.Add(up);
                break;
            case HubFrame.Down:
                _office.Names.Remove(header.From, (uint)header.Sequence);
                break;
            case HubFrame.Synced:
                Synced(header.Request);
                break;
            case HubFrame.Offer:
                Accept(header, descriptors);
                break;
            case HubFrame.Relay:
                Use(header.From, (MailTransport)header.Request);
                break;
            case HubFrame.Lost:
                Lost(header);
                break;
            default:
                if (HubFrame.IsMail(header.Kind))
                {
                    _office.Dispatch(_link, header, body, 0);
                }

                break;
        }
    }

    private void Accept(in FrameHeader header, List<int> descriptors)
    {
        if (descriptors.Count < 2)
        {
            throw new InvalidDataException("A segment was offered and did not come.");
        }

        var (memory, life) = (Descriptors.Own(descriptors[0]), new Socket(new SafeSocketHandle(descriptors[1], ownsHandle: true)));
        descriptors.RemoveRange(0, 2);
        using (memory)
        {
            if (!SharedMemory.IsSealed(memory, RingLayout.SegmentBytes))
            {
                life.Dispose();
                throw new InvalidDataException("A segment that can shrink is none.");
            }

            _office.AddRing(header.From, new MemoryMap(memory.Number(), RingLayout.Parts(0)), (int)(header.Request & 1), life);
        }

        _seeking.TryRemove(_office.RouteTo(header.From), out _);
    }

    private void Use(PortAddress peer, MailTransport distance)
    {
        var route = _office.RouteTo(peer);
        _seeking.TryRemove(route, out _);
        route.Distance = distance;
        if (route.Link is not RingLink)
        {
            route.Use(_link);
        }
    }

    private void Probe()
    {
        foreach (var route in _office.Routes)
        {
            route.Probe();
        }
    }

    private void Lost(in FrameHeader header)
    {
        var gone = header.From;
        _office.Names.RemoveWhere(binding => binding.Port.Node == gone.Node && (gone.Office == 0 || binding.Port.Office == gone.Office));
        foreach (var route in _office.Routes.Where(route => route.Node == gone.Node && (gone.Office == 0 || route.Office == gone.Office)))
        {
            _seeking.TryRemove(route, out _);
            if (route.Link is not RingLink)
            {
                _office.Lose(route, header.Reason);
            }
        }
    }

    private void Reconnect()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var socket = _connect(_stop.Token).AsTask().GetAwaiter().GetResult();
                GreetAsync(socket, _office.Address.Office, _stop.Token).AsTask().GetAwaiter().GetResult();
                _socket.Dispose();
                _socket = socket;
                (_outbox, _link) = Outfit(socket);
                SayAgain();
                return;
            }
            catch (Exception away) when (away is MailException or SocketException or OperationCanceledException)
            {
                _stop.Token.WaitHandle.WaitOne(Again);
            }
        }
    }

    private void SayAgain()
    {
        // Who waits for an answer of the hub that is gone has it from the one that is there now.
        var asked = _asked.ToDictionary(pair => pair.Value.Binding, pair => pair.Key);
        foreach (var binding in _office.Names.All.Where(binding => binding.Port.IsSameOffice(_office.Address)))
        {
            _outbox.TryAppend(
                HubFrame.ForBinding(HubFrame.Bind, binding, asked.GetValueOrDefault(binding)), HubFrame.Text(binding.Target.ToString()));
        }

        lock (_lock)
        {
            foreach (var watched in _watches.Values)
            {
                watched.Heard.Clear();
                Tell(watched);
            }
        }

        foreach (var route in _office.Routes.Where(route => route.Link is null))
        {
            Seek(route);
        }
    }

    private void Note(ulong number, NameBinding binding)
    {
        lock (_lock)
        {
            _watches.Values.FirstOrDefault(watched => watched.Number == number)?.Heard.Add(binding.Key);
        }
    }

    // A hub that is back may know less than before: what it does not tell any more is gone.
    private void Synced(ulong number)
    {
        Watched? watched;
        lock (_lock)
        {
            watched = _watches.Values.FirstOrDefault(each => each.Number == number);
        }

        if (watched is null)
        {
            return;
        }

        if (!watched.Synced.Task.IsCompleted)
        {
            Sweep(watched);
            watched.Synced.TrySetResult();
            return;
        }

        lock (_lock)
        {
            watched.Sweeping?.Dispose();
            watched.Sweeping = _stop.IsCancellationRequested ? null
                : _office.Time.CreateTimer(_ => Sweep(watched), null, Settling, Timeout.InfiniteTimeSpan);
        }
    }

    private void Sweep(Watched watched)
    {
        HashSet<(PortAddress, uint)> heard;
        lock (_lock)
        {
            heard = [.. watched.Heard];
        }

        _office.Names.RemoveWhere(binding => !binding.Port.IsSameOffice(_office.Address) && binding.IsGroup == watched.Groups
            && watched.Target.Matches(binding.Target) && !heard.Contains(binding.Key));
    }

    private sealed record Asked(NameBinding Binding, TaskCompletionSource<string> Answer);

    private sealed class Watched(ulong number, MailTarget target, bool groups)
    {
        internal ulong Number => number;

        internal MailTarget Target => target;

        internal bool Groups => groups;

        internal HashSet<(PortAddress, uint)> Heard { get; } = [];

        internal ITimer? Sweeping { get; set; }

        internal TaskCompletionSource Synced { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
