using System.Net;
using System.Net.Sockets;
using Pewter.NineP.Server;
using Pewter.NineP.Serving;
using Pewter.NineP.Transport;

namespace Pewter.NineP.Tests.Sample;

/// <summary>A server of a tree on a real socket: loopback TCP, or a Unix socket in a directory of its own.</summary>
internal sealed class SocketServer : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Socket _listener;
    private readonly DirectoryInfo? _directory;
    private readonly Task _accepting;

    private SocketServer(Socket listener, EndPoint endPoint, DirectoryInfo? directory, IAttachPoint tree)
    {
        _listener = listener;
        _directory = directory;
        listener.Bind(endPoint);
        listener.Listen();
        _accepting = AcceptAsync(tree);
    }

    public EndPoint EndPoint => _listener.LocalEndPoint!;

    public static SocketServer OnTcp(IAttachPoint tree) =>
        new(new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp), new IPEndPoint(IPAddress.Loopback, 0), null, tree);

    public static SocketServer OnUnix(IAttachPoint tree)
    {
        var directory = Directory.CreateTempSubdirectory($"pw-{Environment.ProcessId}-9p-");
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        return new SocketServer(socket, new UnixDomainSocketEndPoint(Path.Combine(directory.FullName, "socket")), directory, tree);
    }

    public async Task<NineTransport> ConnectAsync()
    {
        var socket = new Socket(EndPoint.AddressFamily, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(EndPoint);
        return NineTransport.FromSocket(socket);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _accepting;
        _listener.Dispose();
        _directory?.Delete(recursive: true);
        _stop.Dispose();
    }

    private async Task AcceptAsync(IAttachPoint tree)
    {
        var connections = new List<Task>();
        try
        {
            while (true)
                connections.Add(ServeAsync(await _listener.AcceptAsync(_stop.Token), tree));
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ServeAsync(Socket socket, IAttachPoint tree)
    {
        await using var transport = NineTransport.FromSocket(socket);
        await NineServer.ServeAsync(transport, tree, null, NineLimits.Default, TimeProvider.System, _stop.Token);
    }
}
