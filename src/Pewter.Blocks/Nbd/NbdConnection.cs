using System.Net.Sockets;
using Pewter.Blocks.Exports;

namespace Pewter.Blocks.Nbd;

/// <summary>
/// One client from its accept to its end: negotiation, then a session. <see cref="Run"/> belongs to the connection's thread; whatever the
/// client does ends this connection only. Shutdown order: socket shut down, loop ends, waiting requests end, lease ends, socket closed.
/// </summary>
internal sealed class NbdConnection : IDisposable
{
    private readonly NbdTransport _transport;
    private readonly ExportTable _exports;
    private readonly NbdServerOptions _options;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public NbdConnection(Socket socket, ExportTable exports, NbdServerOptions options)
    {
        _transport = new NbdTransport(socket, options.Limits.Send);
        _exports = exports;
        _options = options;
    }

    public Task Ended => _ended.Task;

    public void Close() => _transport.Shutdown();

    public void Run()
    {
        try
        {
            Serve();
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or BlockException)
        {
            _options.Report?.Invoke($"{_transport.Client}: {e.Message}");
        }
        finally
        {
            Dispose();
            _ended.TrySetResult();
        }
    }

    public void Dispose() => _transport.Dispose();

    private void Serve()
    {
        // A timer and not a receive timeout: a client that sends one byte at a time must not hold the thread either.
        NbdNegotiation.Outcome? chosen;
        using (_options.Time.CreateTimer(_ => Close(), null, _options.Limits.Negotiation, Timeout.InfiniteTimeSpan))
        {
            bool needsTls = _options.TcpNeedsTls && _transport.Address is not null;
            chosen = new NbdNegotiation(_transport, _exports, _options.Limits, _options.Tls, needsTls).Run();
        }

        if (chosen is null)
            return;
        using ExportLease lease = chosen.Lease;
        new NbdSession(_transport, chosen, _options.Limits).Run();
    }
}
