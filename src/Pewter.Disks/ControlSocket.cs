using System.Collections.Concurrent;
using System.Net.Sockets;
using Pewter.NineP.Server;
using Pewter.NineP.Serving;
using Pewter.NineP.Transport;

namespace Pewter.Disks;

/// <summary>
/// The 9P door of a daemon without users: a Unix socket with permissions 0600, so whoever can connect is root or the daemon's own user, and
/// acts as the daemon itself. <c>pewterd</c> mounts the tree from here.
/// </summary>
public sealed class ControlSocket : IAttachPoint, IAsyncDisposable
{
    private readonly string _path;
    private readonly ServedFile _root;
    private readonly TimeProvider _time;
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly CancellationTokenSource _closing = new();
    private readonly ConcurrentDictionary<Task, bool> _connections = new();
    private readonly Task _accepting;

    /// <summary>Begins to listen, in place of a socket that a daemon before left there.</summary>
    public ControlSocket(string path, ServedFile root, TimeProvider time)
    {
        (_path, _root, _time) = (path, root, time);
        File.Delete(path);
        _listener.Bind(new UnixDomainSocketEndPoint(path));
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        _listener.Listen(64);
        _accepting = AcceptAsync();
    }

    /// <inheritdoc/>
    public ValueTask<Attachment> AttachAsync(AttachRequest request, CancellationToken cancellation) =>
        new(new Attachment(_root, Caller.System));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        _listener.Dispose();
        await _accepting;
        await Task.WhenAll(_connections.Keys);
        File.Delete(_path);
        _closing.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_closing.IsCancellationRequested)
        {
            try
            {
                Socket socket = await _listener.AcceptAsync(_closing.Token);
                Task serving = Task.Run(() => ServeAsync(socket));
                _connections[serving] = true;
                foreach (Task done in _connections.Keys.Where(t => t.IsCompleted))
                    _connections.TryRemove(done, out _);
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException)
            {
                // Out of descriptors, or a peer that left at once.
                await Task.Delay(TimeSpan.FromMilliseconds(50), _time, CancellationToken.None);
            }
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        await using NineTransport transport = NineTransport.FromSocket(socket);
        await NineServer.ServeAsync(transport, this, Caller.System, NineLimits.Default, _time, _closing.Token);
    }
}
