using Pewter.Linux;

namespace Pewter.Mail;

/// <summary>
/// A mailbox's membership in a closed group: only members reach members. Who joins and leaves is told in the mailbox
/// itself, before a member's first message and
/// after its last (TIPC's communication groups, Maloy 2017). Messages of one member arrive in the order in which it
/// sent them, whether to one, some or all.
/// </summary>
/// <remarks>
/// Members find each other by a binding that only groups see. Each greets those it finds; greeting, messages and
/// farewell go the same ordered way, so their
/// order is kept without more ado. A member that dies is told by the loss of its process, after everything that had
/// arrived of it.
/// </remarks>
public sealed class MailGroup : IAsyncDisposable
{
    // A member that has withdrawn its name has said farewell on the ordered way; this long is waited for that to
    // arrive.
    private static readonly TimeSpan FarewellTime = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private readonly Dictionary<PortAddress, uint> _members = [];

    // News of a member's name may come after its farewell; a mailbox that has left does not come back by them.
    private readonly HashSet<PortAddress> _departed = [];
    private readonly Mailbox _box;
    private readonly NameSubscription _subscription;
    private readonly CancellationTokenSource _stop = new();
    private readonly MailTarget _target;
    private Task _following = Task.CompletedTask;
    private int _next = -1;
    private int _isOver;

    private MailGroup(Mailbox box, uint group, uint member, MailScope scope)
    {
        (_box, Group, Member) = (box, group, member);
        _target = new MailTarget(new ServiceRange(group, 0, uint.MaxValue), scope);
        _subscription = box.Office.Names.Subscribe(_target, NameFilter.Ports, Timeout.InfiniteTimeSpan, groups: true, heard: null);
    }

    /// <summary>The group.</summary>
    public uint Group { get; }

    /// <summary>The own number.</summary>
    public uint Member { get; }

    /// <summary>The other members, as far as they have shown themselves.</summary>
    public IReadOnlyList<GroupMember> Members
    {
        get
        {
            lock (_lock)
            {
                return [.. _members.Select(pair => new GroupMember(pair.Key, pair.Value))];
            }
        }
    }

    /// <summary>Sends to all other members, waiting for room; returns how many there are.</summary>
    public ValueTask<int> BroadcastAsync(ReadOnlyMemory<byte> body, CancellationToken cancellation = default) =>
        SendAllAsync(Members, body, cancellation);

    /// <summary>Sends to all members of a number.</summary>
    public ValueTask<int> MulticastAsync(uint member, ReadOnlyMemory<byte> body, CancellationToken cancellation = default) =>
        SendAllAsync([.. Members.Where(other => other.Member == member)], body, cancellation);

    /// <summary>Sends to one of the members of a number, in turn.</summary>
    /// <exception cref="MailException">EHOSTUNREACH: there is none.</exception>
    public ValueTask AnycastAsync(uint member, ReadOnlyMemory<byte> body, CancellationToken cancellation = default)
    {
        var some = Members.Where(other => other.Member == member).ToList();
        return some.Count == 0
            ? throw MailException.Rejected(RejectReason.NoName, $"member {member} of group {Group}")
            : SendAsync(some[(int)((uint)Interlocked.Increment(ref _next) % (uint)some.Count)].Port, body, cancellation);
    }

    /// <summary>Sends to one member by its address.</summary>
    /// <exception cref="MailException">EHOSTUNREACH: it is no member.</exception>
    public async ValueTask SendAsync(PortAddress member, ReadOnlyMemory<byte> body, CancellationToken cancellation = default)
    {
        bool isMember;
        lock (_lock)
        {
            isMember = _members.ContainsKey(member);
        }

        var reason = isMember ? await _box.SendFrameAsync(Frame(FrameKind.Data, member), body, cancellation) : RejectReason.NoName;
        if (reason != RejectReason.None)
        {
            throw MailException.Rejected(reason, $"{member} of group {Group}");
        }
    }

    /// <summary>Leaves. The others are told after everything that this member has sent.</summary>
    public async ValueTask DisposeAsync()
    {
        LeaveNow();
        await _following;
        _stop.Dispose();
    }

    internal static async ValueTask<MailGroup> JoinAsync(Mailbox box, uint group, uint member, MailScope scope, CancellationToken cancellation)
    {
        await box.Office.WatchAsync(new MailTarget(new ServiceRange(group, 0, uint.MaxValue), scope), groups: true).WaitAsync(cancellation);
        var joined = new MailGroup(box, group, member, scope);
        box.Attach(joined);
        try
        {
            var name = new MailTarget(new ServiceRange(group, member), scope);
            await box.BindAsync(new NameBinding(name, box.Address, box.Office.NextBinding()) { IsGroup = true }, cancellation);
        }
        catch
        {
            joined.LeaveNow();
            throw;
        }

        while (joined._subscription.TryRead(out var happened))
        {
            await joined.ObserveAsync(happened);
        }

        joined._following = joined.FollowAsync();
        return joined;
    }

    internal void LeaveNow()
    {
        if (Interlocked.Exchange(ref _isOver, 1) != 0)
        {
            return;
        }

        _stop.Cancel();
        _subscription.Dispose();
        foreach (var member in Members)
        {
            var farewell = Frame(FrameKind.Leave, member.Port);
            _ = _box.Office.Send(ref farewell, default, out _);
        }

        _box.LeaveGroup(this);
    }

    /// <summary>
    /// Whether a frame of a group is for this membership; makes its sender a member first. On whatever thread brought
    /// it.
    /// </summary>
    internal bool Admit(in FrameHeader header)
    {
        if (header.Type != Group || Volatile.Read(ref _isOver) != 0)
        {
            return false;
        }

        lock (_lock)
        {
            if (header.Kind == FrameKind.Leave)
            {
                _departed.Add(header.From);
                return _members.Remove(header.From);
            }
        }

        var isNew = Welcome(header.From, header.Instance);

        if (header.Kind == FrameKind.Join)
        {
            return isNew;
        }

        if (isNew)
        {
            Tell(FrameKind.Join, header.From, header.Instance, RejectReason.None);
        }

        return true;
    }

    /// <summary>A process is gone, and its members with it.</summary>
    internal void Lost(PortAddress gone)
    {
        List<GroupMember> lost;
        lock (_lock)
        {
            lost = [.. _members.Where(pair => pair.Key.IsSameOffice(gone)).Select(pair => new GroupMember(pair.Key, pair.Value))];
            lost.ForEach(member => _members.Remove(member.Port));
        }

        lost.ForEach(member => Tell(FrameKind.Leave, member.Port, member.Member, RejectReason.NodeLost));
    }

    private bool Welcome(PortAddress port, uint member)
    {
        lock (_lock)
        {
            return !_departed.Contains(port) && _members.TryAdd(port, member);
        }
    }

    private async Task FollowAsync()
    {
        try
        {
            while (await _subscription.ReadAsync(_stop.Token) is { } happened)
            {
                await ObserveAsync(happened);
            }
        }
        catch (Exception ended) when (ended is OperationCanceledException or MailException { Errno: LinuxErrno.EBADF })
        {
        }
    }

    private async ValueTask ObserveAsync(NameEvent happened)
    {
        if (happened.Port == _box.Address)
        {
            return;
        }

        if (happened.Kind == NameEventKind.Up)
        {
            if (Welcome(happened.Port, happened.Target.Range!.Value.Lower))
            {
                Tell(FrameKind.Join, happened.Port, happened.Target.Range.Value.Lower, RejectReason.None);
            }

            await _box.SendFrameAsync(Frame(FrameKind.Join, happened.Port), default, _stop.Token);
            return;
        }

        if (IsKnown(happened.Port))
        {
            await Task.Delay(FarewellTime, _box.Office.Time, _stop.Token);
        }

        Forget(happened.Port);
    }

    private bool IsKnown(PortAddress port)
    {
        lock (_lock)
        {
            return _members.ContainsKey(port);
        }
    }

    private void Forget(PortAddress port)
    {
        uint member;
        lock (_lock)
        {
            _departed.Remove(port);
            if (!_members.Remove(port, out member))
            {
                return;
            }
        }

        Tell(FrameKind.Leave, port, member, RejectReason.NodeLost);
    }

    private void Tell(FrameKind kind, PortAddress from, uint member, RejectReason reason)
    {
        var header = new FrameHeader
        {
            Kind = kind, From = from, To = _box.Address, Flags = FrameFlags.Group | FrameFlags.ToService, Type = Group,
            Instance = member, Reason = reason,
        };
        _box.Enqueue(header, default, 0, out _);
    }

    private async ValueTask<int> SendAllAsync(IReadOnlyList<GroupMember> members, ReadOnlyMemory<byte> body, CancellationToken cancellation)
    {
        var sent = 0;
        foreach (var member in members)
        {
            var header = Frame(FrameKind.Data, member.Port);
            header.Flags |= FrameFlags.Multicast;
            sent += await _box.SendFrameAsync(header, body, cancellation) == RejectReason.None ? 1 : 0;
        }

        return sent;
    }

    private FrameHeader Frame(FrameKind kind, PortAddress to) => new()
    {
        Kind = kind, From = _box.Address, To = to, Flags = FrameFlags.Group | FrameFlags.ToService, Type = Group, Instance = Member,
    };
}
