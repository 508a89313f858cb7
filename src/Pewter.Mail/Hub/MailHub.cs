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
/// <para>Everything it knows is soft: a process's with its socket, another node's with the trunks it came by. Trunks
/// make a tree: what comes by one is told to all others, so every hub knows every name. Direct connections are
/// shortcuts: over one each side tells what is its own, and mail goes there while it lasts.</para>
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
        _settling = Options.Time.CreateTimer(_ => EndSettling(), null, Options.Settling, Timeout.InfiniteTimeSpan);
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

    /// <summary>How far a mailbox's process is from the processes of this node; Unknown when it is not known.</summary>
    public MailTransport DistanceTo(PortAddress port) => _offices.GetValueOrDefault((port.Node, port.Office))?.Distance ?? MailTransport.Unknown;

    /// <summary>Trunks to other hubs.</summary>
    public IReadOnlyList<MailTrunk> Trunks
    {
        get
        {
            lock (_lock)
            {
                return [.. _trunks.Select(trunk => new MailTrunk(trunk.Name, trunk.Kind, trunk.Silence))];
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
    /// Makes a connection a trunk of the tree to another hub, until it ends. Both sides call it; who is on the other
    /// side is the caller's to have made sure of.
    /// </summary>
    /// <param name="stream">The connection.</param>
    /// <param name="name">Where it goes, for people.</param>
    /// <param name="isUp">Whether the parent is there, who knows who is of the tree.</param>
    /// <param name="cancellation">Ends it.</param>
    public Task TrunkAsync(Stream stream, string name, bool isUp = false, CancellationToken cancellation = default) =>
        RunAsync(new HubTrunk(this, stream, name, TrunkKind.Tree) { IsUp = isUp }, cancellation);

    /// <summary>
    /// As <see cref="TrunkAsync"/>, to the hub of a node that hangs on this one: whatever it says is of one name space.
    /// </summary>
    public Task NodeTrunkAsync(Stream stream, string name, string tenant, CancellationToken cancellation = default) =>
        RunAsync(new HubTrunk(this, stream, name, TrunkKind.Node) { Tenant = tenant }, cancellation);

    /// <summary>An office of this process itself in a name space.</summary>
    public ValueTask<PostOffice> AttachAsync(string tenant, PostOfficeOptions? options = null, CancellationToken cancellation = default) =>
        HubClient.AttachAsync(_ => new ValueTask<Socket>(TakeIn(tenant)), options ?? new PostOfficeOptions { Time = Options.Time }, cancellation);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _settling.DisposeAsync();
        lock (_lock)
        {
            _listeners.ForEach(listener => listener.Dispose());
        }

        await Task.WhenAll(_tasks.Keys);
    }

    /// <summary>Takes a frame of mail to where it goes, or back.</summary>
    /// <remarks>
    /// What finds no room is dropped: its sender keeps it, asks after it, and has it sent again. Only what has no
    /// receiver any more goes back.
    /// </remarks>
    internal void Forward(in FrameHeader header, ReadOnlySpan<byte> body, HubPeer from)
    {
        if (!_offices.TryGetValue((header.From.Node, header.From.Office), out var sender) || !sender.Ways.Contains(from))
        {
            return;
        }

        if (_offices.TryGetValue((header.To.Node, header.To.Office), out var receiver) && Allows(sender.Tenant, receiver.Tenant))
        {
            if (receiver.Way is HubTrunk { Kind: TrunkKind.Tree } && from is not HubTrunk { Kind: TrunkKind.Tree })
            {
                Want(receiver.Owner);
            }

            receiver.Way.Outbox.TryAppend(header, body);
        }
        else if (header.IsReliable && header.Kind is FrameKind.Data or FrameKind.Connect or FrameKind.Accept && (receiver is not null || !IsSettling))
        {
            from.Outbox.TryAppend(header.Returned(WhyUnknown(header.To)), header.Sequence == 0 ? body : default);
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

    private Task RunAsync(HubTrunk trunk, CancellationToken cancellation)
    {
        var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _stop.Token);
        return Follow(trunk.RunAsync(either.Token).ContinueWith(
            ended =>
            {
                either.Dispose();
                return ended;
            },
            CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default).Unwrap());
    }

    private void TellTrunks(HubPeer? except, Action<HubTrunk> tell)
    {
        List<HubTrunk> trunks;
        lock (_lock)
        {
            trunks = [.. _trunks.Where(trunk => trunk != except)];
        }

        lock (_telling)
        {
            trunks.ForEach(tell);
        }
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
