using System.Net;
using System.Net.Sockets;
using Pewter.Blocks.Exports;

namespace Pewter.Blocks.Nbd;

/// <summary>
/// Serves an <see cref="ExportTable"/> over NBD on any number of endpoints. While there are few connections each has its own thread, on which it
/// blocks: a request at depth 1 then costs one wake-up, where the thread pool would need two. Many share the threads of a crew.
/// </summary>
public sealed class NbdServer : IAsyncDisposable
{
    private const int ThreadStackBytes = 256 << 10;

    // With more a processor has several connections to serve, and a thread that goes from one to the next beats a thread for each.
    private static readonly int Crowd = Environment.ProcessorCount;

    // With more a thread that looks for its client's next request instead of sleeping takes the processor from those that have work.
    private static readonly int Few = Math.Max(1, Environment.ProcessorCount / 2);
    private readonly ExportTable _exports;
    private readonly NbdServerOptions _options;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _lock = new();
    private readonly HashSet<Socket> _listeners = [];
    private readonly List<Task> _accepting = [];
    private readonly HashSet<NbdConnection> _connections = [];
    private readonly NbdCrew _crew;
    private int _count;

    /// <summary>Creates the server; nothing listens before <see cref="Listen(EndPoint)"/>.</summary>
    public NbdServer(ExportTable exports, NbdServerOptions? options = null)
    {
        _exports = exports;
        _options = options ?? new NbdServerOptions();
        _crew = new NbdCrew(_options.Time);
    }

    /// <summary>Connections at this moment.</summary>
    public int ConnectionCount
    {
        get
        {
            lock (_lock)
                return _connections.Count;
        }
    }

    /// <summary>Begins to listen: an <see cref="IPEndPoint"/> (port 0 for any) or a <see cref="UnixDomainSocketEndPoint"/>. Returns where.</summary>
    public EndPoint Listen(EndPoint endPoint)
    {
        ProtocolType protocol = endPoint is IPEndPoint ? ProtocolType.Tcp : ProtocolType.Unspecified;
        var listener = new Socket(endPoint.AddressFamily, SocketType.Stream, protocol);
        listener.Bind(endPoint);
        Listen(listener, null);
        return listener.LocalEndPoint!;
    }

    /// <summary>Begins to listen on a bound socket, which becomes the server's.</summary>
    /// <param name="listener">The socket.</param>
    /// <param name="network">The path of the network namespace that it is in; null: this process's own.</param>
    public void Listen(Socket listener, string? network)
    {
        listener.Listen(512);
        lock (_lock)
        {
            _listeners.Add(listener);
            _accepting.RemoveAll(each => each.IsCompletedSuccessfully);
            _accepting.Add(AcceptAsync(listener, network));
        }
    }

    /// <summary>Listens there no longer; who is connected stays.</summary>
    public void Leave(Socket listener)
    {
        lock (_lock)
            _listeners.Remove(listener);
        listener.Dispose();
    }

    /// <summary>Stops listening, ends every connection and waits for their last requests.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        NbdConnection[] connections;
        lock (_lock)
        {
            foreach (Socket listener in _listeners)
                listener.Dispose();
            connections = [.. _connections];
        }

        await Task.WhenAll(_accepting);
        foreach (NbdConnection connection in connections)
            connection.Close();
        await Task.WhenAll(connections.Select(c => c.Ended));
        _crew.Dispose();
        _stopping.Dispose();
    }

    private async Task AcceptAsync(Socket listener, string? network)
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                Begin(await listener.AcceptAsync(_stopping.Token), network);
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException) when (!IsListening(listener))
            {
                return;
            }
            catch (SocketException e)
            {
                // Out of descriptors, or a client that left at once: neither ends the listener.
                _options.Report?.Invoke($"nbd: accepting failed: {e.Message}");
                await Task.Delay(TimeSpan.FromMilliseconds(50), _options.Time, CancellationToken.None);
            }
        }
    }

    private bool IsListening(Socket listener)
    {
        lock (_lock)
            return _listeners.Contains(listener);
    }

    private void Begin(Socket socket, string? network)
    {
        NbdConnection connection;
        lock (_lock)
        {
            if (_connections.Count >= _options.Limits.MaxConnections || _stopping.IsCancellationRequested)
            {
                socket.Dispose();
                return;
            }

            connection = new NbdConnection(socket, network, _exports, _options, Forget);
            _connections.Add(connection);
            _count = _connections.Count;
        }

        var thread = new Thread(() => Serve(connection), ThreadStackBytes) { IsBackground = true, Name = "nbd" };
        thread.Start();
    }

    private void Serve(NbdConnection connection)
    {
        if (connection.Run(Company))
            _crew.Add(connection);
    }

    private NbdCompany Company()
    {
        int count = Volatile.Read(ref _count);
        return count <= Few ? NbdCompany.Few : count <= Crowd ? NbdCompany.Some : NbdCompany.Crowd;
    }

    private void Forget(NbdConnection connection)
    {
        lock (_lock)
        {
            _connections.Remove(connection);
            _count = _connections.Count;
        }
    }
}
