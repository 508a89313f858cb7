using System.Net;
using System.Net.Sockets;
using Pewter.NineP.Serving;
using Pewter.NineP.Server;
using Pewter.NineP.Transport;

namespace Pewter.Kernels.Tests;

/// <summary>Serves a tree over 9P on the loopback, where a guest on QEMU's user network finds it at 10.0.2.2.</summary>
internal sealed class SampleServer : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Task _accepting;
    private readonly List<Task> _connections = [];
    private int _open;

    public SampleServer(IAttachPoint tree)
    {
        _listener.Start();
        _accepting = AcceptAsync(tree);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Connections that are still there.</summary>
    public int OpenConnections => Volatile.Read(ref _open);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        await Task.WhenAll(_connections);
        _stop.Dispose();
    }

    private async Task AcceptAsync(IAttachPoint tree)
    {
        try
        {
            while (true) _connections.Add(ServeAsync(await _listener.AcceptSocketAsync(_stop.Token), tree));
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(Socket socket, IAttachPoint tree)
    {
        Interlocked.Increment(ref _open);
        await using var transport = NineTransport.FromSocket(socket);
        await NineServer.ServeAsync(transport, tree, Caller.System, new NineLimits(), TimeProvider.System, _stop.Token);
        Interlocked.Decrement(ref _open);
    }
}
