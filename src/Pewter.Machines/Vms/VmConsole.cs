using System.Net.Sockets;
using Pewter.Tree;

namespace Pewter.Machines.Vms;

/// <summary>
/// A machine's serial line for any number of viewers: what was said lately, then what is said now; what any of them
/// types goes to the machine. QEMU serves one client, which is this; and it writes the log itself, so nothing is missed
/// while nobody is here.
/// </summary>
/// <remarks>Connects when the first viewer comes. Owns the socket and the task that reads it.</remarks>
internal sealed class VmConsole : IAsyncDisposable
{
    private const int Kept = 64 << 10;

    private readonly Func<(string? Socket, string Log)> _where;
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly ByteStream _output = new(new ByteStreamOptions { Capacity = Kept, WhenFull = WhenFull.DropOldest });
    private Socket? _socket;
    private Task _reading = Task.CompletedTask;

    /// <summary>Creates the console.</summary>
    /// <param name="where">The machine's log now, and its socket; null while it is off.</param>
    public VmConsole(Func<(string? Socket, string Log)> where)
    {
        _where = where;
        File = new ConsoleFile(this, _output);
    }

    /// <summary>The console as a file.</summary>
    public TreeFile File { get; }

    /// <summary>Connects if nobody has yet; does nothing while the machine is off.</summary>
    public async ValueTask ConnectAsync(CancellationToken cancellation)
    {
        await _gate.WaitAsync(cancellation);
        try
        {
            var (path, log) = _where();
            if (_output.Written == 0)
            {
                _output.TryWrite(System.Text.Encoding.UTF8.GetBytes(ConsoleText.Tail(log, Kept)));
            }

            if (!_reading.IsCompleted || path is null)
            {
                return;
            }

            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellation);
            }
            catch (SocketException)
            {
                // It has just ended; the log is all there is.
                socket.Dispose();
                return;
            }

            _socket = socket;
            _reading = ReadAsync(socket);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Sends what was typed; nobody hears it while the machine is off.</summary>
    public async ValueTask TypeAsync(ReadOnlyMemory<byte> data, CancellationToken cancellation)
    {
        await ConnectAsync(cancellation);
        if (_socket is { } socket && !_reading.IsCompleted)
        {
            await socket.SendAsync(data, cancellation);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _reading;
        _output.Complete();
        _gate.Dispose();
        _stop.Dispose();
    }

    private async Task ReadAsync(Socket socket)
    {
        using var owned = socket;
        var buffer = new byte[4096];
        try
        {
            while (await socket.ReceiveAsync(buffer, _stop.Token) is > 0 and var count)
            {
                _output.TryWrite(buffer.AsSpan(0, count));
            }
        }
        catch (Exception end) when (end is SocketException or OperationCanceledException)
        {
            // The machine ended, or the console did.
        }
    }
}
