using System.Net.Sockets;
using Pewter.Blocks.Exports;
using Pewter.Linux;

namespace Pewter.Blocks.Nbd;

/// <summary>
/// One client from its accept to its end: negotiation, then a session. Belongs to one thread at a time: its own, or one of the crew when there
/// are many connections. Whatever the client does ends this connection only. Shutdown order: socket shut down, loop ends, waiting requests end,
/// lease ends, socket closed.
/// </summary>
internal sealed class NbdConnection : IDisposable
{
    private readonly NbdTransport _transport;
    private readonly ExportTable _exports;
    private readonly NbdServerOptions _options;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Action<NbdConnection> _forget;
    private ExportLease? _lease;
    private NbdSession? _session;
    private Func<bool>? _step;

    public NbdConnection(Socket socket, string? network, ExportTable exports, NbdServerOptions options, Action<NbdConnection> forget)
    {
        _transport = new NbdTransport(socket, network, options.Limits.Send);
        _exports = exports;
        _options = options;
        _forget = forget;
    }

    public Task Ended => _ended.Task;

    public int Descriptor => _transport.Descriptor;

    public void Close() => _transport.Shutdown();

    /// <summary>Serves until the end, or until there is a crowd: then true, and the crew goes on with <see cref="Step"/>.</summary>
    public bool Run(Func<NbdCompany> company)
    {
        bool goesOn = Guarded(Begin);
        while (goesOn)
        {
            NbdCompany now = company();
            // Under TLS bytes may wait where the kernel does not see them, so such a connection stays on its thread.
            if (now == NbdCompany.Crowd && !_transport.IsTls)
                return true;
            if (now == NbdCompany.Few)
                _session!.Look();
            goesOn = Step();
        }

        End();
        return false;
    }

    /// <summary>Serves what the client has sent; false at its end, which is to be followed by <see cref="End"/>.</summary>
    public bool Step() => Guarded(_step!);

    /// <summary>Waits for the last requests and closes.</summary>
    public void End()
    {
        Close();
        _session?.Dispose();
        _lease?.Dispose();
        Dispose();
        _forget(this);
        _ended.TrySetResult();
    }

    public void Dispose() => _transport.Dispose();

    private bool Guarded(Func<bool> part)
    {
        try
        {
            return part();
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or BlockException or LinuxException)
        {
            _options.Report?.Invoke($"{_transport.Client}: {e.Message}");
            return false;
        }
    }

    private bool Begin()
    {
        // A timer and not a receive timeout: a client that sends one byte at a time must not hold the thread either.
        NbdNegotiation.Outcome? chosen;
        using (_options.Time.CreateTimer(_ => Close(), null, _options.Limits.Negotiation, Timeout.InfiniteTimeSpan))
        {
            // The kernel's client knows no TLS; inside of an isolated network its host is known by its address.
            bool needsTls = _options.TcpNeedsTls && _transport.Address is not null && _transport.Network is null;
            chosen = new NbdNegotiation(_transport, _exports, _options.Limits, _options.Tls, needsTls).Run();
        }

        if (chosen is null)
            return false;
        _lease = chosen.Lease;
        _session = new NbdSession(_transport, chosen, _options.Limits);
        _step = _session.Step;
        return true;
    }
}
