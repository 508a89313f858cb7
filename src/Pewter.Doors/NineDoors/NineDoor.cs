using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Pewter.Doors.Admission;
using Pewter.NineP.Server;

namespace Pewter.Doors.NineDoors;

/// <summary>
/// A 9P door: listens on one endpoint and serves the tree to whoever is let in. Owns the listening socket and one task for each connection.
/// Closing stops the listening first, then ends every connection, then waits for their tasks.
/// </summary>
public sealed class NineDoor : IAsyncDisposable
{
    private readonly DoorEndpoint _endpoint;
    private readonly DoorContext _context;
    private readonly NineLimits _limits;
    private readonly Socket _listener;
    private readonly PeerGreeter _greeter;
    private readonly ConnectionGate _gate;
    private readonly ArrivalRate _rate;
    private readonly CancellationTokenSource _closing = new();
    private readonly ConcurrentDictionary<Task, bool> _connections = new();
    private readonly Task _accepting;
    private int _disposed;

    private NineDoor(DoorEndpoint endpoint, DoorContext context, NineLimits limits)
    {
        (_endpoint, _context, _limits) = (endpoint, context, limits);
        _greeter = new PeerGreeter(endpoint, context);
        _gate = new ConnectionGate(context.Limits);
        _rate = new ArrivalRate(context.Limits, context.Time);
        Name = endpoint switch { UnixEndpoint => "unix", TlsEndpoint => "tls", _ => "tcp" };
        _listener = Listening.Open(endpoint, context.Limits.Backlog);
        _accepting = AcceptAsync();
    }

    /// <summary>What counters call it: unix, tls or tcp.</summary>
    public string Name { get; }

    /// <summary>Where it listens, with the port that was taken.</summary>
    public EndPoint LocalEndPoint => _listener.LocalEndPoint!;

    /// <summary>Connections that are open.</summary>
    public int Connections => _gate.Count;

    /// <summary>Opens a door. An <see cref="IOException"/> says why it cannot listen there.</summary>
    public static NineDoor Open(DoorEndpoint endpoint, DoorContext context, NineLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(context);
        return new NineDoor(endpoint, context, limits ?? NineLimits.Default);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        await _closing.CancelAsync();
        _listener.Dispose();
        await _accepting;
        await Task.WhenAll(_connections.Keys);
        if (_endpoint is UnixEndpoint unix)
            File.Delete(unix.Path);
        _closing.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_closing.IsCancellationRequested)
        {
            try
            {
                Admit(await _listener.AcceptAsync(_closing.Token));
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (SocketException) when (!_closing.IsCancellationRequested)
            {
                // The peer is gone already, or descriptors have run out; a pause lets connections end.
                await Task.Delay(TimeSpan.FromMilliseconds(50), _context.Time, CancellationToken.None);
            }
            catch (Exception failure) when (failure is ObjectDisposedException or SocketException)
            {
                return;
            }
        }
    }

    private void Admit(Socket socket)
    {
        string key;
        try
        {
            key = _greeter.KeyOf(socket);
        }
        catch (SocketException)
        {
            socket.Dispose();
            return;
        }

        var reason = _endpoint is not UnixEndpoint && !_rate.TryTake(key) ? "rate"
            : !_gate.TryEnter(key) ? "connections"
            : null;
        if (reason is not null)
        {
            _context.Metrics.Refused(Name, reason);
            socket.Dispose();
            return;
        }

        // On the pool, so that a slow handshake or a file that works synchronously does not hold up the next peer.
        var task = Task.Run(() => ServeAsync(socket, key));
        _connections[task] = true;
        task.ContinueWith(
            done => _connections.TryRemove(done, out _), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    private async Task ServeAsync(Socket socket, string key)
    {
        using var life = new ConnectionLife(_closing.Token);
        try
        {
            var guest = await _greeter.GreetAsync(socket, key, life);
            if (guest is null)
            {
                _context.Metrics.Refused(Name, "handshake");
                return;
            }

            await using var transport = guest.Transport;
            await ServeAsync(guest, life);
        }
        catch (Exception bug)
        {
            // The edge of the accept loop: one connection ends, the door stays open.
            _context.OnFault?.Invoke(bug);
        }
        finally
        {
            socket.Dispose();
            _gate.Leave(key);
        }
    }

    private async Task ServeAsync(Guest guest, ConnectionLife life)
    {
        _context.Metrics.Accepted(Name);
        try
        {
            var attach = new ConnectionAttach(_context, guest.Peer, life);
            await NineServer.ServeAsync(guest.Transport, attach, guest.Peer.Caller, _limits, _context.Time, life.Ended);
        }
        finally
        {
            _context.Metrics.Closed(Name);
        }
    }
}
