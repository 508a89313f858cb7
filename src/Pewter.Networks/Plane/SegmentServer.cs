using System.Net;
using System.Net.Sockets;
using Pewter.Linux.Namespaces;
using Pewter.Linux.Networking;
using Pewter.Networks.Plane.Boot;
using Pewter.Networks.Plane.Dhcp;
using Pewter.Networks.Plane.Names;
using Pewter.Networks.Plane.Routers;
using Pewter.Networks.Segments;

namespace Pewter.Networks.Plane;

/// <summary>Serves one segment: addresses, names, routes, boot files. Owns its sockets and tasks; its plan is swapped whole.</summary>
internal sealed class SegmentServer : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Socket> _opened = [];
    private readonly NetworkStack _stack;
    private readonly SegmentSockets _sockets;
    private readonly PlaneLog _log;
    private readonly TimeProvider _time;
    private Task _running = Task.CompletedTask;
    private volatile SegmentPlan _plan;
    private volatile NameZone _zone;

    private SegmentServer(SegmentPlan plan, NetworkStack stack, SegmentSockets sockets, PlaneLog log, TimeProvider time) =>
        (_plan, _zone, _stack, _sockets, _log, _time) = (plan, new NameZone(plan), stack, sockets, log, time);

    public SegmentPlan Plan => _plan;

    /// <summary>Opens all sockets; the segment is served when this returns.</summary>
    public static SegmentServer Start(SegmentPlan plan, LeaseBook leases, PlaneLog log, TimeProvider time)
    {
        var stack = NetworkStack.Open(plan.Namespace);
        var server = new SegmentServer(plan, stack, new SegmentSockets(NamespaceHandle.OpenFile(plan.Namespace)), log, time);
        try
        {
            server.Open(leases);
            return server;
        }
        catch
        {
            server.Close();
            throw;
        }
    }

    /// <summary>Goes on with another plan of the same namespace.</summary>
    public void Swap(SegmentPlan plan) => (_plan, _zone) = (plan, new NameZone(plan));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _opened.ForEach(socket => socket.Dispose());
        await _running;
        Close();
    }

    private void Open(LeaseBook leases)
    {
        var gateway = IPAddress.Parse(_plan.Gateway);
        var link = _stack.Find(SegmentPlace.Own) ?? throw new IOException($"{_plan.Namespace} has no {SegmentPlace.Own}.");
        var (index, hardware) = (link.Index, link.Hardware.GetAddressBytes());
        var dhcp = new DhcpServer(() => _plan, leases, _log, _time);
        var names = new DnsServer(() => _plan, () => _zone, _log);
        var routers = new RouterAdvertiser(() => _plan, () => hardware, _log, _time);
        var files = new HttpFiles(() => _plan, _log);
        var trivial = new TftpServer(() => _plan, _sockets, _log);
        var (leaseSocket, controlSocket) = (Keep(DhcpServer.Open(_sockets)), Keep(RouterAdvertiser.Open(_sockets, index)));
        var (nameSocket, nameListener) = (Keep(_sockets.Datagrams(gateway, DnsServer.Port)), Keep(_sockets.Listener(gateway, DnsServer.Port)));
        var (fileListener, trivialSocket) = (Keep(_sockets.Listener(gateway, HttpFiles.Port)), Keep(_sockets.Datagrams(gateway, TftpServer.Port)));
        _running = Task.WhenAll(
            dhcp.RunAsync(leaseSocket, _stack, _stop.Token),
            routers.RunAsync(controlSocket, index, _stop.Token),
            names.RunAsync(nameSocket, nameListener, _stop.Token),
            files.RunAsync(fileListener, _stop.Token),
            trivial.RunAsync(trivialSocket, _stop.Token));
    }

    private Socket Keep(Socket socket)
    {
        _opened.Add(socket);
        return socket;
    }

    private void Close()
    {
        _opened.ForEach(socket => socket.Dispose());
        _sockets.Dispose();
        _stack.Dispose();
        _stop.Dispose();
    }
}
