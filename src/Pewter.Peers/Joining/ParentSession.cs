using Pewter.NineP;
using Pewter.NineP.Client;
using Pewter.NineP.Server;
using Pewter.NineP.Serving;
using Pewter.Peers.Links;

namespace Pewter.Peers.Joining;

/// <summary>
/// One connection to the parent: a 9P client of the parent's tree, of which one open file carries 9P the other way. Owns the
/// transport.
/// </summary>
internal sealed class ParentSession : IAsyncDisposable
{
    /// <summary>256 KiB: what one exchange moves, so half a second of a line of 4 Mbit/s, in which no other sign of life comes.</summary>
    private static readonly NineClientOptions ClientOptions = new() { MessageSize = 256 * 1024, Requests = 64 };

    private readonly DialledParent _parent;
    private readonly NineClient _client;
    private readonly TimeProvider _time;
    private readonly string _accessName;
    private NineFile? _join;
    private Tunnel? _tunnel;
    private Task<NineFile>? _root;

    private ParentSession(DialledParent parent, NineClient client, string accessName, TimeProvider time)
    {
        (_parent, _client, _accessName, _time) = (parent, client, accessName, time);
        Life = new SignOfLife(time);
    }

    /// <summary>This end's own address.</summary>
    public string Address => _parent.Address;

    /// <summary>When something last came.</summary>
    public SignOfLife Life { get; }

    /// <summary>The parent's <c>/peer/beat</c>, open.</summary>
    public NineFile Beat { get; private set; } = null!;

    /// <summary>Dials, attaches, and opens what is needed.</summary>
    public static async Task<ParentSession> OpenAsync(ParentDial dial, JoinOptions join, TimeProvider time, CancellationToken cancellation)
    {
        var parent = await dial(join, cancellation);
        ParentSession? session = null;
        try
        {
            var client = await NineClient.ConnectAsync(parent.Pipe, ClientOptions, time, cancellation);
            session = new ParentSession(parent, client, join.Token is null ? "" : $",token={join.Token}", time);
            var directory = await client.AttachAsync("peer", "/peer" + session._accessName, null, CancellationToken.None).WaitAsync(cancellation);
            session.Beat = await directory.OpenPathAsync("beat", OpenFlags.ReadOnly, CancellationToken.None).WaitAsync(cancellation);
            session._join = await directory.OpenPathAsync("join", OpenFlags.ReadWrite, CancellationToken.None).WaitAsync(cancellation);
            return session;
        }
        catch
        {
            await (session?.DisposeAsync() ?? parent.Transport.DisposeAsync());
            throw;
        }
    }

    /// <summary>Says hello; the parent's name, or what it refuses with.</summary>
    public async Task<string> GreetAsync(JoinHello hello, CancellationToken cancellation)
    {
        await _join!.WriteAllAsync(0, hello.Write(), CancellationToken.None).WaitAsync(cancellation);
        var buffer = new byte[64 * 1024];
        var count = await _join!.ReadAsync(0, buffer, CancellationToken.None).AsTask().WaitAsync(cancellation);
        var end = buffer.AsSpan(0, count).IndexOf((byte)'\n');
        if (end < 0)
        {
            throw new FileException(Errno.EPROTO, "The parent does not answer a hello.");
        }

        var parent = JoinReply.Read(buffer.AsSpan(0, end));
        _tunnel = new Tunnel(_join, buffer.AsMemory((end + 1)..count), Life);
        return parent;
    }

    /// <summary>Serves this daemon's tree to the parent until either is gone; says why it ended.</summary>
    public async Task<string> ServeAsync(IAttachPoint attach, Func<CancellationToken, Task> beat, CancellationToken cancellation)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var serving = NineServer.ServeAsync(_tunnel!, attach, null, NineLimits.Default, _time, end.Token);
        var beating = beat(end.Token);
        await Task.WhenAny(serving, beating);

        // The connection first: then nothing waits for the parent any more.
        await CloseAsync();
        await end.CancelAsync();
        var served = await serving;
        try
        {
            await beating;
            return served.Detail;
        }
        catch (OperationCanceledException)
        {
            return served.Detail;
        }
        catch (FileException failure)
        {
            return failure.Message;
        }
    }

    /// <summary>The root of the parent's tree, by the right of this daemon.</summary>
    public async Task<NineFile> RootAsync(CancellationToken cancellation)
    {
        var root = _root ??= _client.AttachAsync("peer", "/" + _accessName, null, CancellationToken.None);
        return await root.WaitAsync(cancellation);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        await (_tunnel?.DisposeAsync() ?? default);
    }

    private async Task CloseAsync()
    {
        await _client.DisposeAsync();

        // Now a send that waits for a silent parent ends as well.
        await _parent.Transport.DisposeAsync();
    }
}
