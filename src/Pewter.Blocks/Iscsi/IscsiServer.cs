using System.Net;
using System.Net.Sockets;
using Pewter.Blocks.Iscsi.Login;
using Pewter.Blocks.Iscsi.Sessions;
using Pewter.Blocks.Scsi;

namespace Pewter.Blocks.Iscsi;

/// <summary>
/// An iSCSI target server (RFC 7143) for any number of targets, disks and portals. Owns its listeners, connections and
/// sessions; never the disks. All members may be called at once; targets are published, changed and withdrawn while it
/// serves.
/// </summary>
public sealed class IscsiServer : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _lock = new();
    private readonly HashSet<IscsiConnection> _connections = [];
    private readonly List<Socket> _listeners = [];
    private readonly TaskTracker _running = new();
    private readonly SessionTable _sessions = new();
    private readonly ITimer _aliveTimer;
    private volatile TargetDirectory _directory = TargetDirectory.Empty;

    /// <summary>Creates a server with no target and no portal.</summary>
    public IscsiServer(IscsiLimits? limits = null, TimeProvider? time = null)
    {
        Limits = limits ?? new IscsiLimits();
        Time = time ?? TimeProvider.System;
        TimeSpan period = Limits.PingAfter / 4;
        _aliveTimer = Time.CreateTimer(_ => CheckAlive(), null, period, period);
    }

    /// <summary>Raised, on any thread, for what an operator may want to know.</summary>
    public event EventHandler<IscsiEvent>? Happened;

    /// <summary>The limits in force.</summary>
    public IscsiLimits Limits { get; }

    /// <summary>The names of the published targets.</summary>
    public IReadOnlyList<string> Targets => [.. _directory.Targets.Select(t => t.Name)];

    /// <summary>The sessions of this instant.</summary>
    public IReadOnlyList<IscsiSessionInfo> Sessions =>
        [.. _sessions.All.Select(s => new IscsiSessionInfo(
            s.Initiator.Name, s.Target?.Name, s.Tsih, [.. s.Connections.Select(c => c.Remote)]))];

    internal TimeProvider Time { get; }

    internal TargetDirectory Directory => _directory;

    /// <summary>Opens a portal; port 0 takes a free one. Returns its address.</summary>
    public IPEndPoint Listen(IPEndPoint portal)
    {
        ArgumentNullException.ThrowIfNull(portal);
        var listener = new Socket(portal.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            listener.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            listener.Bind(portal);
            Listen(listener);
        }
        catch (SocketException)
        {
            listener.Dispose();
            throw;
        }
        return (IPEndPoint)listener.LocalEndPoint!;
    }

    /// <summary>Opens a portal on a bound socket, such as one of another network namespace, which becomes the server's.</summary>
    public void Listen(Socket listener)
    {
        listener.Listen(backlog: 256);
        lock (_lock)
            _listeners.Add(listener);
        _running.Watch(AcceptAsync(listener));
    }

    /// <summary>Closes a portal; sessions that came by it go on.</summary>
    public void Leave(Socket listener)
    {
        lock (_lock)
            _listeners.Remove(listener);
        listener.Dispose();
    }

    /// <summary>
    /// Adds a target, or changes one: sessions it has go on with the disks they have, new ones see the change.
    /// </summary>
    public void Publish(IscsiTargetModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        lock (_lock)
        {
            if (_directory.Find(model.Name) is { } present)
                present.Model = model;
            else
                _directory = _directory.With(new IscsiTarget(model));
        }
    }

    /// <summary>
    /// Removes a target and ends its sessions; when it returns nothing of them touches the disks. False when there is
    /// none.
    /// </summary>
    public async ValueTask<bool> WithdrawAsync(string name)
    {
        IscsiTarget? target;
        lock (_lock)
        {
            target = _directory.Find(IscsiName.Normalize(name));
            if (target is not null)
                _directory = _directory.Without(target.Name);
        }
        if (target is null)
            return false;
        await Task.WhenAll(_sessions.All.Where(s => s.Target == target).Select(s => s.CloseAsync()));
        return true;
    }

    /// <summary>Tells the initiators, ends every session, closes the portals.</summary>
    public async ValueTask DisposeAsync()
    {
        await _aliveTimer.DisposeAsync();
        await _stopping.CancelAsync();
        IscsiConnection[] connections;
        lock (_lock)
        {
            foreach (Socket listener in _listeners)
                listener.Dispose();
            connections = [.. _connections];
        }
        await Task.WhenAll(connections.Select(EndAsync));
        await _running.WhenIdleAsync();
        _stopping.Dispose();
    }

    internal void Report(IscsiEventKind kind, string? initiator, string? target, string message) =>
        Happened?.Invoke(this, new IscsiEvent(kind, initiator, target, message));

    /// <summary>Makes a session for a login that is through, or adds the connection to the session it names.</summary>
    internal async Task<(LoginStatus Status, IscsiSession? Session)> JoinAsync(
        IscsiConnection connection, LoginNegotiation login, LoginRequest request)
    {
        if (request.Tsih != 0)
            return await JoinExistingAsync(connection, login, request);
        while (true)
        {
            IscsiSession? session = _sessions.TryAdd(login, request, Limits, out IscsiSession? rival);
            if (session is not null)
            {
                if (!TryBegin(session, connection, out LoginStatus refusal))
                    return (refusal, null);
                Report(IscsiEventKind.LoggedIn, login.Initiator, login.Target?.Name, $"from {connection.Remote}");
                return (LoginStatus.Success, session);
            }
            if (rival is null)
                return (LoginStatus.OutOfResources, null);
            // Session reinstatement (RFC 7143 6.3.5): the old one ends before the new one begins.
            await rival.CloseAsync();
            _sessions.Remove(rival);
        }
    }

    /// <summary>Ends every task of a disk, whoever's it is.</summary>
    internal Task AbortAllAsync(LogicalUnit unit) =>
        Task.WhenAll(_sessions.All.Select(s => s.AbortAsync(task => task.Scsi.Nexus?.Unit == unit)));

    /// <summary>Closes every connection to a target, for TARGET COLD RESET.</summary>
    internal void DropSessionsOf(IscsiTarget target)
    {
        foreach (IscsiSession session in _sessions.All.Where(s => s.Target == target))
        {
            foreach (IscsiConnection connection in session.Connections)
                connection.Close();
        }
    }

    private bool TryBegin(IscsiSession session, IscsiConnection connection, out LoginStatus refusal)
    {
        refusal = session.TryAdd(connection);
        try
        {
            session.Admit(session.Target?.Model.Admission);
            return true;
        }
        catch (BlockException busy)
        {
            Report(IscsiEventKind.LoginRefused, session.Initiator.Name, session.Target?.Name, busy.Message);
            refusal = LoginStatus.ServiceUnavailable;
            session.Abandon(connection);
            _sessions.Remove(session);
            return false;
        }
    }

    private async Task<(LoginStatus Status, IscsiSession? Session)> JoinExistingAsync(
        IscsiConnection connection, LoginNegotiation login, LoginRequest request)
    {
        if (_sessions.Find(login, request) is not { } session)
            return (LoginStatus.SessionDoesNotExist, null);
        // Connection reinstatement (RFC 7143 6.3.4): a connection with the same CID is replaced.
        if (session.Connections.FirstOrDefault(c => c.Id == request.ConnectionId) is { } old)
        {
            old.Close();
            await session.RemoveAsync(old);
        }
        LoginStatus status = session.TryAdd(connection);
        return (status, status == LoginStatus.Success ? session : null);
    }

    private async Task AcceptAsync(Socket listener)
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                Socket socket = await listener.AcceptAsync(_stopping.Token);
                socket.NoDelay = true;
                _running.Watch(ServeAsync(socket));
            }
            catch (Exception end) when (end is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException)
            {
                // A peer that gave up before it was accepted, or no descriptor left: the next one may do better.
                await Task.Delay(TimeSpan.FromMilliseconds(10), Time, CancellationToken.None);
            }
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        IscsiConnection? connection = TryAdmit(socket);
        if (connection is null)
            return;
        try
        {
            await connection.RunAsync();
        }
        finally
        {
            Forget(connection);
        }
    }

    private IscsiConnection? TryAdmit(Socket socket)
    {
        lock (_lock)
        {
            if (_connections.Count < Limits.Connections && !_stopping.IsCancellationRequested)
            {
                var connection = new IscsiConnection(this, socket);
                _connections.Add(connection);
                return connection;
            }
        }
        socket.Dispose();
        Report(IscsiEventKind.TooManyConnections, null, null, $"{Limits.Connections} connections are open");
        return null;
    }

    private void Forget(IscsiConnection connection)
    {
        lock (_lock)
            _connections.Remove(connection);
        if (connection.Session is not { Closed.IsCompleted: true } session)
            return;
        _sessions.Remove(session);
        Report(IscsiEventKind.LoggedOut, session.Initiator.Name, session.Target?.Name, $"from {connection.Remote}");
    }

    private static async Task EndAsync(IscsiConnection connection)
    {
        await connection.AnnounceEndAsync();
        connection.Close();
    }

    private void CheckAlive()
    {
        IscsiConnection[] connections;
        lock (_lock)
            connections = [.. _connections];
        foreach (IscsiConnection connection in connections)
            _running.Watch(connection.CheckAliveAsync());
    }
}
