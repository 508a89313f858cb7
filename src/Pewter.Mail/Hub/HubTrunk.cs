namespace Pewter.Mail;

/// <summary>
/// The connection to another hub: names and processes of each side are told to the other, and mail that has no shorter
/// way goes over it. Given up when nothing comes for a while; everything that has no other way is lost then.
/// </summary>
internal sealed class HubTrunk : HubPeer
{
    private readonly Stream _stream;
    private long _heard;
    private volatile bool _isOver;

    internal HubTrunk(MailHub hub, Stream stream, string name, TrunkKind kind)
        : base(hub)
    {
        (_stream, Name, Kind, _heard) = (stream, name, kind, hub.Options.Time.GetTimestamp());
        Outbox = new FrameOutbox(stream, null, hub.Options.OutboxBytes, stream.Dispose);
    }

    internal override FrameOutbox Outbox { get; }

    /// <summary>Where it goes, for people.</summary>
    internal string Name { get; }

    internal TrunkKind Kind { get; }

    /// <summary>Whether it goes up to the parent.</summary>
    internal bool IsUp { get; init; }

    /// <summary>The name space of a node's trunk: whatever its other end says.</summary>
    internal string Tenant { get; init; } = "";

    /// <summary>The other end of a direct one.</summary>
    internal ulong Node { get; init; }

    /// <summary>The end that has dialled a direct one.</summary>
    internal ulong Dialler { get; init; }

    internal TimeSpan Silence => Hub.Options.Time.GetElapsedTime(Volatile.Read(ref _heard));

    internal async Task RunAsync(CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Hub.Join(this);
        var beating = BeatAsync(stop.Token);
        var reading = ReadAsync(_stream, () => Volatile.Write(ref _heard, Hub.Options.Time.GetTimestamp()), stop.Token);

        // A stream whose other end is silent may take its time to end; what is behind it is lost now.
        await Task.WhenAny(reading, beating);
        _isOver = true;
        Hub.Leave(this);
        await stop.CancelAsync();
        await _stream.DisposeAsync();
        await Task.WhenAll(reading, beating);
    }

    internal ValueTask CloseAsync() => _stream.DisposeAsync();

    /// <summary>Tells of a binding.</summary>
    internal void Tell(FrameKind kind, string tenant, NameBinding binding) =>
        Say(HubFrame.ForBinding(kind, binding), $"{tenant}\n{binding.Target}");

    /// <summary>Tells of a process that can be reached by this hub, unless the other end has no use for it.</summary>
    internal void Tell(HubOffice office)
    {
        if (Covers(office))
        {
            Say(new FrameHeader { Kind = HubFrame.NodeUp, From = office.Address, To = new PortAddress(office.Owner, 0, 0) }, office.Tenant);
        }
    }

    /// <summary>Tells where a hub is, or with an empty text that it is no longer of the tree.</summary>
    internal void Tell(ulong node, string place)
    {
        if (Kind == TrunkKind.Tree)
        {
            Say(new FrameHeader { Kind = HubFrame.Place, From = new PortAddress(node, 0, 0) }, place);
        }
    }

    /// <summary>Whether the other end is told of a process, and of its names.</summary>
    internal bool Covers(HubOffice office) => !office.Ways.Contains(this) && Kind switch
    {
        TrunkKind.Direct => office.IsOwn,
        TrunkKind.Node => Hub.Allows(Tenant, office.Tenant),
        _ => office.IsOfTree,
    };

    protected override void Take(in FrameHeader header, ReadOnlySpan<byte> body)
    {
        if (_isOver)
        {
            throw new InvalidDataException("The trunk has ended.");
        }

        switch (header.Kind)
        {
            case HubFrame.NodeUp:
                Learn(header, body);
                break;
            case HubFrame.Lost:
                Hub.Unlearn(this, header.From, header.Reason, isCertain: Kind == TrunkKind.Direct);
                break;
            case HubFrame.Place:
                Hub.LearnPlace(this, header.From.Node, HubFrame.Text(body));
                break;
            case HubFrame.Bind or HubFrame.Unbind:
                Bind(header, body);
                break;
            default:
                if (HubFrame.IsMail(header.Kind))
                {
                    Hub.Forward(header, body, this);
                }

                break;
        }
    }

    private void Learn(in FrameHeader header, ReadOnlySpan<byte> body)
    {
        var owner = Kind switch { TrunkKind.Node => Hub.Options.Node, TrunkKind.Direct => Node, _ => header.To.Node };
        Hub.Learn(this, header.From, Kind == TrunkKind.Node ? Tenant : HubFrame.Text(body), owner);
    }

    private void Bind(in FrameHeader header, ReadOnlySpan<byte> body)
    {
        var end = body.IndexOf((byte)'\n');
        if (end < 0 || HubFrame.ReadBinding(header, body[(end + 1)..]) is not { } binding)
        {
            throw new InvalidDataException("A binding that is none.");
        }

        var tenant = Kind == TrunkKind.Node ? Tenant : HubFrame.Text(body[..end]);
        if (header.Kind == HubFrame.Bind)
        {
            Hub.Publish(tenant, binding, this);
        }
        else
        {
            Hub.Withdraw(tenant, binding, this);
        }
    }

    // Whoever has missed a word of who is there would be wrong for good: it begins anew.
    private void Say(in FrameHeader header, string text)
    {
        if (!Outbox.TryAppend(header, HubFrame.Text(text)))
        {
            _stream.Dispose();
        }
    }

    private async Task BeatAsync(CancellationToken cancellation)
    {
        try
        {
            var (beat, most) = (Hub.Options.Beat, Hub.Options.SilenceMax);
            while (Silence < most && !(Kind == TrunkKind.Direct && Hub.IsOutcast(Node)))
            {
                Outbox.TryAppend(new FrameHeader { Kind = HubFrame.Beat }, default);
                var left = most - Silence;
                await Task.Delay(left > TimeSpan.Zero && left < beat ? left : beat, Hub.Options.Time, cancellation);
            }
        }
        catch (OperationCanceledException)
        {
        }
    }
}
