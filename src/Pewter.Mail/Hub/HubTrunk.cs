namespace Pewter.Mail;

/// <summary>
/// The connection to another hub: names and processes of each side are told to the other, and mail that has no shorter
/// way goes over it. Given up when nothing
/// comes for a while, and everything behind it is lost then.
/// </summary>
internal sealed class HubTrunk : HubPeer
{
    private readonly Stream _stream;
    private long _heard;

    internal HubTrunk(MailHub hub, Stream stream, string name)
        : base(hub)
    {
        (_stream, Name, _heard) = (stream, name, hub.Options.Time.GetTimestamp());
        Outbox = new FrameOutbox(stream, null, hub.Options.OutboxBytes, stream.Dispose);
    }

    internal override FrameOutbox Outbox { get; }

    /// <summary>Where it goes, for people.</summary>
    internal string Name { get; }

    internal TimeSpan Silence => Hub.Options.Time.GetElapsedTime(Volatile.Read(ref _heard));

    internal async Task RunAsync(CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Hub.Join(this);
        var beating = BeatAsync(stop.Token);
        await ReadAsync(_stream, () => Volatile.Write(ref _heard, Hub.Options.Time.GetTimestamp()), stop.Token);
        Hub.Leave(this);
        await stop.CancelAsync();
        await beating;
        await _stream.DisposeAsync();
    }

    /// <summary>Tells of a binding.</summary>
    internal void Tell(FrameKind kind, string tenant, NameBinding binding) =>
        Outbox.TryAppend(HubFrame.ForBinding(kind, binding), HubFrame.Text($"{tenant}\n{binding.Target}"));

    /// <summary>Tells of a process that can be reached by this hub.</summary>
    internal void Tell(HubOffice office) =>
        Outbox.TryAppend(new FrameHeader { Kind = HubFrame.NodeUp, From = office.Address }, HubFrame.Text(office.Tenant));

    protected override void Take(in FrameHeader header, ReadOnlySpan<byte> body)
    {
        switch (header.Kind)
        {
            case HubFrame.NodeUp:
                Hub.Learn(new HubOffice(header.From, HubFrame.Text(body), this, 0));
                break;
            case HubFrame.Lost:
                Hub.Unlearn(this, header.From, header.Reason);
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

    private void Bind(in FrameHeader header, ReadOnlySpan<byte> body)
    {
        var end = body.IndexOf((byte)'\n');
        if (end < 0 || HubFrame.ReadBinding(header, body[(end + 1)..]) is not { } binding)
        {
            throw new InvalidDataException("A binding that is none.");
        }

        var tenant = HubFrame.Text(body[..end]);
        if (header.Kind == HubFrame.Bind)
        {
            Hub.Publish(tenant, binding, this);
        }
        else
        {
            Hub.Withdraw(tenant, binding, this);
        }
    }

    private async Task BeatAsync(CancellationToken cancellation)
    {
        try
        {
            while (Silence < Hub.Options.SilenceMax)
            {
                Outbox.TryAppend(new FrameHeader { Kind = HubFrame.Beat }, default);
                await Task.Delay(Hub.Options.Beat, Hub.Options.Time, cancellation);
            }

            await _stream.DisposeAsync();
        }
        catch (OperationCanceledException)
        {
        }
    }
}
