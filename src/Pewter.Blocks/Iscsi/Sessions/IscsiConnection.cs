using System.Net;
using System.Net.Sockets;
using Pewter.Blocks.Iscsi.Wire;

namespace Pewter.Blocks.Iscsi.Sessions;

/// <summary>
/// One TCP connection: login, then full feature phase, then the clean-up, in one task. What the peer does wrong ends
/// this connection and nothing else.
/// </summary>
internal sealed class IscsiConnection : IDisposable
{
    // Never disposed: others may close a connection that has just ended by itself.
    private readonly CancellationTokenSource _closing = new();
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(1);

    private readonly Socket _socket;
    private IscsiSession? _session;
    private FullFeaturePhase? _phase;
    private long _heard;
    private bool _asked;

    public IscsiConnection(IscsiServer server, Socket socket)
    {
        (Server, _socket) = (server, socket);
        Local = (IPEndPoint)socket.LocalEndPoint!;
        Remote = (IPEndPoint)socket.RemoteEndPoint!;
        Reader = new PduReader(socket, server.Limits.ReceiveDataSegment);
        Writer = new PduWriter(socket);
        Hear();
    }

    public IscsiServer Server { get; }

    public IscsiLimits Limits => Server.Limits;

    public PduReader Reader { get; }

    public PduWriter Writer { get; }

    /// <summary>Commands that go on beside the read loop.</summary>
    public TaskTracker Background { get; } = new();

    public IPEndPoint Local { get; }

    public IPEndPoint Remote { get; }

    /// <summary>CID.</summary>
    public ushort Id { get; set; }

    public IscsiSession? Session => _session;

    /// <summary>Runs until the peer logs out, goes away, breaks the protocol, or <see cref="Close"/>.</summary>
    public async Task RunAsync()
    {
        try
        {
            _session = await LoginAsync();
            if (_session is null)
                return;
            Reader.HeaderDigest = Writer.HeaderDigest = _session.Parameters.HeaderDigest;
            Reader.DataDigest = Writer.DataDigest = _session.Parameters.DataDigest;
            var phase = new FullFeaturePhase(this, _session, _closing.Token);
            Volatile.Write(ref _phase, phase);
            await phase.RunAsync(_closing.Token);
        }
        catch (Exception end) when (end is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The peer has gone or the server has closed: both are ordinary ends.
        }
        catch (PduException wrong)
        {
            await TellAsync();
            Server.Report(IscsiEventKind.ProtocolError, _session?.Initiator.Name, _session?.Target?.Name, wrong.Message);
        }
        finally
        {
            await LeaveAsync();
        }
    }

    /// <summary>Ends the connection from outside.</summary>
    public void Close() => _closing.Cancel();

    /// <summary>Ends the session's other connections, for a logout of the session.</summary>
    public void CloseOthers()
    {
        foreach (IscsiConnection other in _session!.Connections)
        {
            if (other != this)
                other.Close();
        }
    }

    /// <summary>Runs a request of this connection on the thread that closed the gap before it.</summary>
    public void RunHeld(HeldPdu held)
    {
        if (Volatile.Read(ref _phase) is not { } phase || _closing.IsCancellationRequested)
            return;
        try
        {
            phase.Run(held.ToPdu());
            Background.Watch(FlushAsync());
        }
        catch (PduException)
        {
            Close();
        }
    }

    /// <summary>Notes that the peer is alive.</summary>
    public void Hear()
    {
        Volatile.Write(ref _heard, Server.Time.GetTimestamp());
        _asked = false;
    }

    /// <summary>
    /// Asks a silent peer whether it is there, and ends the connection when it has not answered for too long.
    /// </summary>
    public async Task CheckAliveAsync()
    {
        TimeSpan silence = Server.Time.GetElapsedTime(Volatile.Read(ref _heard));
        if (Volatile.Read(ref _phase) is not { } phase || silence < Limits.PingAfter)
            return;
        if (silence >= Limits.DropAfter)
        {
            Close();
        }
        else if (!_asked)
        {
            _asked = true;
            phase.Replies.Ping();
            await FlushAsync();
        }
    }

    /// <summary>
    /// Tells the initiator that the target goes down, without waiting long for one that does not read.
    /// </summary>
    public async Task AnnounceEndAsync()
    {
        _closing.CancelAfter(LastWords);
        Volatile.Read(ref _phase)?.Replies.WillDropSession();
        await DrainAsync();
    }

    public void Dispose()
    {
        Writer.Dispose();
        _socket.Dispose();
    }

    private async Task<IscsiSession?> LoginAsync()
    {
        using var timeout = new CancellationTokenSource(Limits.LoginTimeout, Server.Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, _closing.Token);
        return await new LoginPhase(this).RunAsync(both.Token);
    }

    private Task FlushAsync() => SendAsync(Writer.FlushAsync(_closing.Token));

    private Task DrainAsync() => SendAsync(Writer.DrainAsync(_closing.Token));

    private async Task SendAsync(ValueTask sending)
    {
        try
        {
            await sending;
        }
        catch (Exception end) when (end is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            Close();
        }
    }

    /// <summary>Lets a Reject that says why go out, without waiting for a peer that does not read.</summary>
    private async Task TellAsync()
    {
        _closing.CancelAfter(LastWords);
        await DrainAsync();
    }

    /// <summary>Shutdown order: no new work, tasks aborted, what runs ends, then the socket.</summary>
    private async Task LeaveAsync()
    {
        await _closing.CancelAsync();
        if (_session is not null)
            await _session.RemoveAsync(this);
        await Background.WhenIdleAsync();
        Finish();
        Dispose();
    }

    /// <summary>An orderly end, so that what was sent last arrives instead of a reset.</summary>
    private void Finish()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // The peer has gone already.
        }
    }
}
