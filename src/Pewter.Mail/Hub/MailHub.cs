using System.Collections.Concurrent;
using System.Net.Sockets;
using Pewter.Linux;
using Pewter.Linux.Memory;
using Pewter.Linux.Sockets;

namespace Pewter.Mail;

/// <summary>
/// The hub of a node: knows its processes and their names, hands two of them a segment when one writes to the other,
/// and is the way to other nodes. It may die and come back
/// at any time: rings go on without it, and processes say again what they are.
/// </summary>
/// <remarks>
/// <para>Everything it knows is soft: a process's with its socket, another node's with the trunk it came by. Trunks
/// make a tree: what comes by one is told to
/// all others, so every hub knows every name.</para>
/// <para>One lock guards who is there; names have their tables' own. Frames of mail take no lock.</para>
/// </remarks>
public sealed partial class MailHub : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly ConcurrentDictionary<(ulong, uint), HubOffice> _offices = new();
    private readonly ConcurrentDictionary<string, NameTable> _names = new(StringComparer.Ordinal);
    private readonly List<HubTrunk> _trunks = [];
    private readonly ConcurrentDictionary<Task, bool> _tasks = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Socket> _listeners = [];
    private uint _lastOffice;

    /// <summary>A hub that nobody knows yet.</summary>
    public MailHub(MailHubOptions? options = null)
    {
        Options = options ?? new MailHubOptions();
        _lastOffice = (uint)System.Security.Cryptography.RandomNumberGenerator.GetInt32(int.MaxValue);
    }

    /// <summary>How it is.</summary>
    public MailHubOptions Options { get; }

    /// <summary>
    /// Told of each name that comes and goes: its name space, the binding, whether it is there. Called with no lock
    /// held.
    /// </summary>
    public Action<string, NameBinding, bool>? NameChanged { get; set; }

    /// <summary>Processes that it knows, its own and others'.</summary>
    public IReadOnlyList<MailHubOffice> Offices =>
        [.. _offices.Values.Select(office => new MailHubOffice(office.Address, office.Tenant, office.Process, office.IsLocal))];

    /// <summary>Trunks to other hubs: where they go, and since when nothing came.</summary>
    public IReadOnlyList<(string Name, TimeSpan Silence)> Trunks
    {
        get
        {
            lock (_lock)
            {
                return [.. _trunks.Select(trunk => (trunk.Name, trunk.Silence))];
            }
        }
    }

    /// <summary>The name spaces that have ever had a name.</summary>
    public IReadOnlyCollection<string> Tenants => [.. _names.Keys];

    /// <summary>The names of a name space.</summary>
    public NameTable NamesOf(string tenant) => _names.GetOrAdd(tenant, _ => new NameTable(Options.Time));

    /// <summary>Takes processes in at a Unix socket; any user of the machine may come.</summary>
    public void Listen(string path)
    {
        var listener = Take(UnixListener.Listen(path));
        File.SetUnixFileMode(path, (UnixFileMode)0x1b6);
        lock (_lock)
        {
            _listeners.Add(listener);
        }

        _ = Follow(AcceptAsync(listener));
    }

    /// <summary>
    /// Makes a connection a trunk to another hub, until it ends. Both sides call it; who is on the other side is the
    /// caller's to have made sure of.
    /// </summary>
    public Task TrunkAsync(Stream stream, string name, CancellationToken cancellation = default)
    {
        var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _stop.Token);
        return Follow(new HubTrunk(this, stream, name).RunAsync(either.Token).ContinueWith(
            ended =>
            {
                either.Dispose();
                return ended;
            },
            CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default).Unwrap());
    }

    /// <summary>An office of this process itself in a name space.</summary>
    public ValueTask<PostOffice> AttachAsync(string tenant, PostOfficeOptions? options = null, CancellationToken cancellation = default) =>
        HubClient.AttachAsync(_ => new ValueTask<Socket>(TakeIn(tenant)), options ?? new PostOfficeOptions { Time = Options.Time }, cancellation);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        lock (_lock)
        {
            _listeners.ForEach(listener => listener.Dispose());
        }

        await Task.WhenAll(_tasks.Keys);
    }

    internal PortAddress Join(HubPort port, uint wanted)
    {
        HubOffice office;
        lock (_lock)
        {
            if (_offices.Count(pair => pair.Value.IsLocal) >= Options.OfficesMax)
            {
                throw new InvalidDataException("There are too many processes.");
            }

            var number = wanted;
            while (number == 0 || _offices.ContainsKey((Options.Node, number)))
            {
                number = ++_lastOffice;
            }

            office = new HubOffice(new PortAddress(Options.Node, number, 0), port.Tenant, port, port.Process);
            _offices[(Options.Node, number)] = office;
        }

        TellTrunks(null, trunk => trunk.Tell(office));
        return office.Address;
    }

    internal void Leave(HubPort port) => Unlearn(port, port.Address, RejectReason.NoPort);

    internal void Join(HubTrunk trunk)
    {
        lock (_lock)
        {
            _trunks.Add(trunk);
        }

        foreach (var office in _offices.Values.Where(office => office.Way != trunk))
        {
            trunk.Tell(office);
        }

        foreach (var (tenant, table) in _names)
        {
            foreach (var binding in table.All.Where(binding => binding.Target.Scope == MailScope.Cluster && WayTo(binding.Port) != trunk))
            {
                trunk.Tell(HubFrame.Bind, tenant, binding);
            }
        }
    }

    internal void Leave(HubTrunk trunk)
    {
        lock (_lock)
        {
            _trunks.Remove(trunk);
        }

        foreach (var office in _offices.Values.Where(office => office.Way == trunk).ToList())
        {
            Unlearn(trunk, office.Address, RejectReason.NodeLost);
        }
    }

    internal void Learn(HubOffice office)
    {
        // What is known another way already came round a loop: trunks make a tree.
        if (office.Address.Node != Options.Node && _offices.TryAdd((office.Address.Node, office.Address.Office), office))
        {
            TellTrunks(office.Way, trunk => trunk.Tell(office));
        }
    }

    internal void Unlearn(HubPeer from, PortAddress gone, RejectReason reason)
    {
        // A hub that ends says of nobody that it is gone: the next one finds them all there.
        if (_stop.IsCancellationRequested || !_offices.TryGetValue((gone.Node, gone.Office), out var office) || office.Way != from
            || !_offices.TryRemove(KeyValuePair.Create((gone.Node, gone.Office), office)))
        {
            return;
        }

        foreach (var (tenant, table) in _names)
        {
            foreach (var binding in table.RemoveWhere(binding => binding.Port.IsSameOffice(gone)))
            {
                NameChanged?.Invoke(tenant, binding, false);
            }
        }

        var lost = new FrameHeader { Kind = HubFrame.Lost, From = gone with { Port = 0 }, Reason = reason };
        foreach (var local in _offices.Values.Where(other => other.IsLocal))
        {
            local.Way.Outbox.TryAppend(lost, default);
        }

        TellTrunks(from, trunk => trunk.Outbox.TryAppend(lost, default));
    }

    /// <summary>Takes a frame of mail to where it goes, or back.</summary>
    internal void Forward(in FrameHeader header, ReadOnlySpan<byte> body, HubPeer from)
    {
        if (!_offices.TryGetValue((header.From.Node, header.From.Office), out var sender) || sender.Way != from)
        {
            return;
        }

        var isThere = _offices.TryGetValue((header.To.Node, header.To.Office), out var receiver) && Allows(sender.Tenant, receiver.Tenant);
        var reason = !isThere ? RejectReason.NoPort
            : receiver!.Way.Outbox.TryAppend(header, body) ? RejectReason.None : RejectReason.Overload;
        if (reason != RejectReason.None && header.IsReliable && header.Kind is FrameKind.Data or FrameKind.Connect or FrameKind.Accept)
        {
            from.Outbox.TryAppend(header.Returned(reason), body);
        }
    }

    /// <summary>Answers a process that has something for another.</summary>
    internal void FindWay(HubPort asker, PortAddress to)
    {
        if (!_offices.TryGetValue((to.Node, to.Office), out var office) || !Allows(asker.Tenant, office.Tenant))
        {
            asker.Outbox.TryAppend(new FrameHeader { Kind = HubFrame.Lost, From = to, Reason = RejectReason.NoPort }, default);
        }
        else if (office.Way is not HubPort peer || !Futex.WaitsOnMany)
        {
            asker.Outbox.TryAppend(new FrameHeader { Kind = HubFrame.Relay, From = to }, default);
        }
        else if (!peer.IsOffered(asker.Address))
        {
            asker.IsOffered(peer.Address);
            Offer(asker, peer);
        }
    }

    private static void Offer(HubPort one, HubPort other)
    {
        using var memory = SharedMemory.Create("pewter-mail", RingLayout.SegmentBytes);
        var (a, b) = SocketPair.Create();
        using (a)
        using (b)
        {
            Hand(one, other.Address, 0, memory.Number(), a.Number());
            Hand(other, one.Address, 1, memory.Number(), b.Number());
        }
    }

    private static void Hand(HubPort port, PortAddress peer, ulong side, int memory, int life) => port.Outbox.TryAppend(
        new FrameHeader { Kind = HubFrame.Offer, From = peer, Request = side }, default, Descriptors.Duplicate(memory), Descriptors.Duplicate(life));

    private HubPeer? WayTo(PortAddress port) => _offices.GetValueOrDefault((port.Node, port.Office))?.Way;

    private void TellTrunks(HubPeer? except, Action<HubTrunk> tell)
    {
        List<HubTrunk> trunks;
        lock (_lock)
        {
            trunks = [.. _trunks.Where(trunk => trunk != except)];
        }

        trunks.ForEach(tell);
    }

    private async Task AcceptAsync(Socket listener)
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var socket = await listener.AcceptAsync(_stop.Token);
                var (process, user, group) = PeerCredentials.Of(socket.SafeHandle);
                if (Options.Tenant(user, group) is { } tenant)
                {
                    _ = Follow(new HubPort(this, socket, tenant, process).RunAsync(_stop.Token));
                }
                else
                {
                    socket.Dispose();
                }
            }
            catch (Exception ended) when (ended is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (Exception gone) when (gone is SocketException or LinuxException)
            {
                // Who came has gone again.
            }
        }
    }

    private Socket TakeIn(string tenant)
    {
        if (_stop.IsCancellationRequested)
        {
            throw new MailException(LinuxErrno.ENOTCONN, "The hub has ended.");
        }

        var (inner, outer) = SocketPair.Create();
        _ = Follow(new HubPort(this, Take(inner), tenant, Environment.ProcessId).RunAsync(_stop.Token));
        return Take(outer);
    }

    private static Socket Take(Microsoft.Win32.SafeHandles.SafeFileHandle handle)
    {
        var socket = new Socket(new SafeSocketHandle(handle.DangerousGetHandle(), ownsHandle: true));
        handle.SetHandleAsInvalid();
        return socket;
    }

    private Task Follow(Task task)
    {
        _tasks[task] = true;
        _ = task.ContinueWith(
            ended => _tasks.TryRemove(ended, out _), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        return task;
    }
}
