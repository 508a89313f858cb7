using System.Net.Sockets;
using System.Text;
using Pewter.NineP.Serving;
using Pewter.NineP.Server;
using Pewter.NineP.Transport;
using Pewter.Node.Splices;

namespace Pewter.Node.Serving;

/// <summary>
/// Serves an agent's tree on listening sockets, streams and device ports. Owns the connections' tasks: disposing it
/// ends them all.
/// </summary>
public sealed class AgentServer : IAsyncDisposable
{
    private static readonly TimeSpan Retry = TimeSpan.FromMilliseconds(200);

    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private readonly HashSet<Task> _tasks = [];
    private readonly IAttachPoint _attach;
    private readonly TimeProvider _time;

    private readonly SpliceDoor? _splices;

    /// <summary>Creates a server of one attach point.</summary>
    /// <param name="attach">Who may come in, to what.</param>
    /// <param name="time">The clock.</param>
    /// <param name="splices">Takes splices from administrators on Unix sockets; null: nobody does.</param>
    public AgentServer(IAttachPoint attach, TimeProvider time, SpliceDoor? splices = null) => (_attach, _time, _splices) = (attach, time, splices);

    /// <summary>Accepts connections until disposed. The listener becomes the server's.</summary>
    /// <param name="listener">The socket.</param>
    /// <param name="everybody">
    /// Who a peer is, for a socket that only its launcher's side can reach, whose identifiers mean nothing here; null: who the kernel says.
    /// </param>
    public void Listen(Socket listener, Caller? everybody = null) => Track(AcceptAsync(listener, socket => ConnectionAsync(socket, everybody)));

    /// <summary>
    /// Accepts connections until disposed, each of which has to prove itself and is trusted as root then. The listener becomes the server's.
    /// </summary>
    /// <param name="listener">The socket.</param>
    /// <param name="prove">Makes a proven stream of a connection's, whose owner it becomes; an <see cref="IOException"/> where it cannot.</param>
    public void Listen(Socket listener, Func<Stream, CancellationToken, Task<Stream>> prove) =>
        Track(AcceptAsync(listener, socket => ProvenAsync(socket, prove)));

    /// <summary>Serves one stream whose other end is trusted as root, until it ends.</summary>
    public async Task ServeAsync(Stream stream)
    {
        await using var transport = NineTransport.FromStream(stream);
        await NineServer.ServeAsync(transport, _attach, Caller.System, NineLimits.Default, _time, _stop.Token);
    }

    /// <summary>
    /// Serves a device port (virtio-serial) whose other end is the host, trusted as root, for as long as this server
    /// lives. Hosts come and go, and a machine may be copied or moved in the middle of a message: each host begins a session of its own.
    /// </summary>
    public void ServePort(string path) => Track(PortAsync(path));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        Task[] tasks;
        lock (_lock)
        {
            tasks = [.. _tasks];
        }

        await Task.WhenAll(tasks);
        _stop.Dispose();
    }

    private void Track(Task task)
    {
        lock (_lock)
        {
            _tasks.RemoveWhere(other => other.IsCompletedSuccessfully);
            _tasks.Add(task);
        }
    }

    private async Task AcceptAsync(Socket listener, Func<Socket, Task> serve)
    {
        using var owned = listener;
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                Track(serve(await listener.AcceptAsync(_stop.Token)));
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (SocketException)
            {
                // The peer left before it was accepted, or descriptors ran out for now; the listener itself is well.
                await DelayAsync(Retry);
            }
        }
    }

    private async Task ProvenAsync(Socket socket, Func<Stream, CancellationToken, Task<Stream>> prove)
    {
        try
        {
            socket.NoDelay = true;
            await ServeAsync(await prove(new NetworkStream(socket, ownsSocket: true), _stop.Token));
        }
        catch (Exception refused) when (refused is IOException or OperationCanceledException)
        {
            // Who does not have the key is nobody's business here.
        }
    }

    private async Task ConnectionAsync(Socket socket, Caller? everybody)
    {
        var peer = everybody ?? PeerIdentity.Of(socket);
        if (_splices is not null && peer is { IsAdmin: true } && await GreetsAsync(socket))
        {
            using (socket)
            {
                _splices.Serve(socket);
                return;
            }
        }

        await using var transport = NineTransport.FromSocket(socket);
        await NineServer.ServeAsync(transport, _attach, peer, NineLimits.Default, _time, _stop.Token);
    }

    private async ValueTask<bool> GreetsAsync(Socket socket)
    {
        var first = new byte[SpliceDoor.Greeting.Length];
        try
        {
            var count = await socket.ReceiveAsync(first, SocketFlags.Peek, _stop.Token);
            return Encoding.UTF8.GetString(first.AsSpan(0, count)) == SpliceDoor.Greeting;
        }
        catch (Exception gone) when (gone is SocketException or OperationCanceledException)
        {
            return false;
        }
    }

    private async Task PortAsync(string path)
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await using var port = new PortDevice(path);
                var listener = new PortListener(port, _time);
                while (true)
                {
                    await ServeAsync(await listener.AcceptAsync(_stop.Token));
                }
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                // Busy, or gone for a while.
                await DelayAsync(Retry);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task DelayAsync(TimeSpan delay)
    {
        try
        {
            await Task.Delay(delay, _time, _stop.Token);
        }
        catch (OperationCanceledException)
        {
            // The loop that waits looks at the token next.
        }
    }
}
