using System.Net.Sockets;
using Pewter.NineP.Serving;
using Pewter.NineP.Server;
using Pewter.NineP.Transport;

namespace Pewter.Node.Serving;

/// <summary>
/// Serves an agent's tree on listening sockets, streams and device ports. Owns the connections' tasks: disposing it
/// ends them all.
/// </summary>
public sealed class AgentServer : IAsyncDisposable
{
    // A host that has just taken over a forked machine comes back within milliseconds; one that is away for long must
    // not cost an idle machine much.
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan LastRetry = TimeSpan.FromMilliseconds(200);

    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private readonly HashSet<Task> _tasks = [];
    private readonly IAttachPoint _attach;
    private readonly TimeProvider _time;

    /// <summary>Creates a server of one attach point.</summary>
    public AgentServer(IAttachPoint attach, TimeProvider time) => (_attach, _time) = (attach, time);

    /// <summary>Accepts connections until disposed. The listener becomes the server's.</summary>
    public void Listen(Socket listener) => Track(AcceptAsync(listener));

    /// <summary>Serves one stream whose other end is trusted as root, until it ends.</summary>
    public async Task ServeAsync(Stream stream)
    {
        await using var transport = NineTransport.FromStream(stream);
        await NineServer.ServeAsync(transport, _attach, Caller.System, NineLimits.Default, _time, _stop.Token);
    }

    /// <summary>
    /// Serves a device port (virtio-serial) whose other end is the host, trusted as root, for as long as this server
    /// lives: when the host closes its end the port says the end of file, and is opened again for the next.
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

    private async Task AcceptAsync(Socket listener)
    {
        using var owned = listener;
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                Track(ConnectionAsync(await listener.AcceptAsync(_stop.Token)));
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (SocketException)
            {
                // The peer left before it was accepted, or descriptors ran out for now; the listener itself is well.
                await DelayAsync(LastRetry);
            }
        }
    }

    private async Task ConnectionAsync(Socket socket)
    {
        var peer = PeerIdentity.Of(socket);
        await using var transport = NineTransport.FromSocket(socket);
        await NineServer.ServeAsync(transport, _attach, peer, NineLimits.Default, _time, _stop.Token);
    }

    private async Task PortAsync(string path)
    {
        var retry = FirstRetry;
        while (!_stop.IsCancellationRequested)
        {
            var began = _time.GetTimestamp();
            try
            {
                await using var port = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
                await ServeAsync(port);
            }
            catch (IOException)
            {
                // Busy or not connected: tried again below.
            }

            retry = _time.GetElapsedTime(began) > LastRetry ? FirstRetry : retry + retry < LastRetry ? retry + retry : LastRetry;
            await DelayAsync(retry);
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
