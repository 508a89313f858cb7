using Pewter.NineP.Wire;

namespace Pewter.NineP.Server;

/// <summary>What the handlers of a connection share. The dialect and the message size change only while no request is at work.</summary>
internal sealed class Session
{
    public Session(SessionSetup setup, FrameSender sender)
    {
        Setup = setup;
        Sender = sender;
        Requests = new RequestTable(sender, setup.Limits);
        Replies = new Replies(sender, Requests) { MessageSize = setup.Limits.MessageSize };
        Fids = new FidTable(setup.Limits);
    }

    public SessionSetup Setup { get; }

    public NineLimits Limits => Setup.Limits;

    public FrameSender Sender { get; }

    public RequestTable Requests { get; }

    public Replies Replies { get; }

    public FidTable Fids { get; }

    public NameCache Names { get; } = new();

    public Dialect Dialect { get; private set; }

    /// <summary>
    /// Tversion: everything of the session before is aborted and every fid clunked, then the new session is agreed on. An unknown version
    /// is answered with "unknown" and leaves no session.
    /// </summary>
    /// <returns>The agreed message size.</returns>
    public async ValueTask<int> RestartAsync(Request request)
    {
        var (clientSize, dialect) = Propose(request);
        await EndAsync();
        var size = (int)Math.Min(clientSize, (uint)Limits.MessageSize);
        Dialect = Sender.Dialect = dialect;
        Replies.MessageSize = dialect == Dialect.None ? Limits.MessageSize : size;
        lock (Sender.Gate)
            Sender.Append(request.Tag, new Rversion { MessageSize = (uint)size, Version = NameOf(dialect) });
        return Replies.MessageSize;
    }

    /// <summary>Cancels all requests, waits for them, and closes all fids.</summary>
    public async ValueTask EndAsync()
    {
        await Requests.AbortAsync();
        await Fids.CloseAllAsync();
    }

    private static (uint Size, Dialect Dialect) Propose(Request request)
    {
        var message = request.Read<Tversion>();
        var dialect = message.MessageSize < Protocol.MinMessageSize ? Dialect.None : DialectOf(message.Version);
        return (message.MessageSize, dialect);
    }

    /// <summary>version(5): what follows a period is a variant that a server need not know, so 9P2000.u becomes 9P2000.</summary>
    private static Dialect DialectOf(ReadOnlySpan<byte> version)
    {
        if (version.SequenceEqual(Protocol.VersionL))
            return Dialect.NineP2000L;
        var dot = version.IndexOf((byte)'.');
        var stem = dot < 0 ? version : version[..dot];
        return stem.SequenceEqual(Protocol.Version2000) ? Dialect.NineP2000 : Dialect.None;
    }

    private static ReadOnlySpan<byte> NameOf(Dialect dialect) => dialect switch
    {
        Dialect.NineP2000L => Protocol.VersionL,
        Dialect.NineP2000 => Protocol.Version2000,
        _ => Protocol.VersionUnknown,
    };
}
