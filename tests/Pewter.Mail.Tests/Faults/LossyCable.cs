using System.Net;
using System.Net.Sockets;

namespace Pewter.Mail.Tests.Faults;

/// <summary>
/// A cable between two processes that talk TCP on this machine: bytes pass through here, and while it is cut none do, with
/// nobody told; or its connections are torn.
/// </summary>
internal sealed class LossyCable : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource _stop = new();
    private readonly int _to;
    private readonly Lock _lock = new();
    private readonly List<Socket> _sockets = [];
    private readonly Task _accepting;
    private TaskCompletionSource _whole = new();

    internal LossyCable(int to)
    {
        _to = to;
        _whole.SetResult();
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        _accepting = AcceptAsync();
    }

    internal int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    internal void Cut() => _whole = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    internal void Heal() => _whole.TrySetResult();

    /// <summary>Ends every connection: both ends are told.</summary>
    internal void Tear()
    {
        lock (_lock)
        {
            _sockets.ForEach(socket => socket.Dispose());
            _sockets.Clear();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        Heal();
        Tear();
        await _accepting;
    }

    private async Task AcceptAsync()
    {
        var all = new List<Task>();
        try
        {
            while (true)
            {
                var near = await _listener.AcceptAsync(_stop.Token);
                all.Add(JoinAsync(near));
            }
        }
        catch (Exception ended) when (ended is OperationCanceledException or ObjectDisposedException or SocketException)
        {
        }

        await Task.WhenAll(all);
    }

    private async Task JoinAsync(Socket near)
    {
        var far = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        lock (_lock)
        {
            _sockets.AddRange([near, far]);
        }

        try
        {
            await far.ConnectAsync(IPAddress.Loopback, _to, _stop.Token);
            await Task.WhenAny(PumpAsync(near, far), PumpAsync(far, near));
        }
        catch (Exception refused) when (refused is SocketException or OperationCanceledException or ObjectDisposedException)
        {
        }

        near.Dispose();
        far.Dispose();
    }

    private async Task PumpAsync(Socket from, Socket to)
    {
        var buffer = new byte[16 << 10];
        try
        {
            while (await from.ReceiveAsync(buffer, _stop.Token) is > 0 and var count)
            {
                await _whole.Task;
                for (var sent = 0; sent < count;)
                    sent += await to.SendAsync(buffer.AsMemory(sent, count - sent), _stop.Token);
            }
        }
        catch (Exception broken) when (broken is SocketException or OperationCanceledException or ObjectDisposedException)
        {
        }
    }
}
