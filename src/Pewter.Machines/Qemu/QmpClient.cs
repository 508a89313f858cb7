using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Pewter.Linux;
using Pewter.Linux.Sockets;

namespace Pewter.Machines.Qemu;

/// <summary>
/// A connection to QEMU's monitor (QEMU machine protocol). Commands may be sent at once from many threads; QEMU answers
/// them in order and the ids pair them. When QEMU ends, every pending and later command fails with class
/// <c>Disconnected</c>, and <see cref="Closed"/> ends.
/// </summary>
public sealed class QmpClient : IAsyncDisposable
{
    // Events are few; a reader that never comes must not hold memory without bound, and the newest say most.
    private const int EventsKept = 256;

    private readonly Socket _socket;
    private readonly StreamReader _reader;
    private readonly SemaphoreSlim _sending = new(1, 1);
    private readonly ConcurrentDictionary<long, TaskCompletionSource<JsonElement>> _pending = new();
    private readonly Channel<QmpEvent> _events = Channel.CreateBounded<QmpEvent>(
        new BoundedChannelOptions(EventsKept) { FullMode = BoundedChannelFullMode.DropOldest });

    private long _lastId;
    private volatile bool _closed;

    private QmpClient(Socket socket)
    {
        _socket = socket;
        _reader = new StreamReader(new NetworkStream(socket), Encoding.UTF8);
        Closed = Task.CompletedTask;
    }

    /// <summary>Ends when QEMU has closed the monitor.</summary>
    public Task Closed { get; private set; }

    /// <summary>Events as they come; the oldest are dropped when nobody reads.</summary>
    public ChannelReader<QmpEvent> Events => _events.Reader;

    /// <summary>
    /// Connects and negotiates. QEMU serves one monitor client at a time; a second one waits for its greeting.
    /// </summary>
    public static async Task<QmpClient> ConnectAsync(string socketPath, CancellationToken cancellation)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(socketPath), cancellation);
            var client = new QmpClient(socket);
            if (await client._reader.ReadLineAsync(cancellation) is null)
                throw new QmpException("Disconnected", $"QEMU closed its monitor {socketPath} before it greeted.");
            client.Closed = client.ReadLoopAsync();
            await client.ExecuteAsync("qmp_capabilities", null, cancellation);
            return client;
        }
        catch (Exception error) when (error is SocketException or IOException)
        {
            socket.Dispose();
            throw new QmpException("Disconnected", $"QEMU's monitor {socketPath} does not answer: {error.Message}", error);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Runs a command and returns its result. A cancelled command may still take effect: QEMU has no way to take one
    /// back.
    /// </summary>
    public Task<JsonElement> ExecuteAsync(string command, JsonObject? arguments, CancellationToken cancellation) =>
        ExecuteAsync(command, arguments, null, cancellation);

    /// <summary>Gives QEMU a copy of an open descriptor, which later commands name.</summary>
    public Task GiveAsync(string name, SafeHandle descriptor, CancellationToken cancellation) =>
        ExecuteAsync("getfd", new JsonObject { ["fdname"] = name }, descriptor, cancellation);

    private async Task<JsonElement> ExecuteAsync(
        string command, JsonObject? arguments, SafeHandle? descriptor, CancellationToken cancellation)
    {
        var id = Interlocked.Increment(ref _lastId);
        var request = new JsonObject { ["execute"] = command, ["id"] = id };
        if (arguments is not null) request["arguments"] = arguments;
        var answer = new TaskCompletionSource<JsonElement>(TaskCreationOptions.RunContinuationsAsynchronously);
        _pending[id] = answer;
        try
        {
            await SendAsync(Encoding.UTF8.GetBytes(request.ToJsonString() + "\n"), descriptor, cancellation);
            return await answer.Task.WaitAsync(cancellation);
        }
        finally
        {
            _pending.TryRemove(id, out _);
        }
    }

    /// <summary>Runs a command of the human monitor, for what has no machine form, and returns its text.</summary>
    public async Task<string> ExecuteHumanAsync(string commandLine, CancellationToken cancellation)
    {
        var result = await ExecuteAsync("human-monitor-command", new JsonObject { ["command-line"] = commandLine }, cancellation);
        return result.GetString() ?? "";
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (_socket.Connected) _socket.Shutdown(SocketShutdown.Both);
        await Closed;
        _socket.Dispose();
        _sending.Dispose();
    }

    private async Task SendAsync(byte[] line, SafeHandle? descriptor, CancellationToken cancellation)
    {
        if (_closed) throw Disconnected();
        await _sending.WaitAsync(cancellation);
        try
        {
            // A line that is cut short would spoil every later one, so a send that began is finished.
            var sent = descriptor is null ? 0 : Give(line, descriptor);
            while (sent < line.Length) sent += await _socket.SendAsync(line.AsMemory(sent), CancellationToken.None);
        }
        catch (Exception error) when (error is SocketException or LinuxException)
        {
            throw new QmpException("Disconnected", $"QEMU's monitor is gone: {error.Message}", error);
        }
        finally
        {
            _sending.Release();
        }

        // The reader may have failed all pending commands between the check above and the send.
        if (_closed) throw Disconnected();
    }

    private int Give(byte[] line, SafeHandle descriptor)
    {
        const int WouldBlock = -11;
        while (true)
        {
            var sent = DescriptorPassing.Send((int)_socket.Handle, line, [descriptor.Number()]);
            if (sent > 0) return sent;
            if (sent != WouldBlock) throw new LinuxException(-sent, "send a descriptor to QEMU");

            // Its buffer is never full for long: a monitor's messages are short, and are read at once.
            Thread.Yield();
        }
    }

    private async Task ReadLoopAsync()
    {
        try
        {
            while (await _reader.ReadLineAsync() is { } line)
                if (line.Length > 0) Accept(line);
        }
        catch (Exception error) when (error is IOException or SocketException or JsonException)
        {
            // Whatever broke it, the monitor is of no more use; those who wait learn it below.
        }
        finally
        {
            _closed = true;
            _events.Writer.TryComplete();
            foreach (var answer in _pending.Values) answer.TrySetException(Disconnected());
        }
    }

    private void Accept(string line)
    {
        using var document = JsonDocument.Parse(line);
        var root = document.RootElement;
        if (root.TryGetProperty("event", out var name))
        {
            var stamp = root.GetProperty("timestamp");
            var at = DateTimeOffset.UnixEpoch.AddSeconds(stamp.GetProperty("seconds").GetInt64())
                .AddMicroseconds(stamp.GetProperty("microseconds").GetInt64());
            _events.Writer.TryWrite(new QmpEvent(name.GetString()!, at, root.TryGetProperty("data", out var data) ? data.Clone() : default));
            return;
        }

        if (!root.TryGetProperty("id", out var id) || !_pending.TryGetValue(id.GetInt64(), out var answer)) return;
        if (root.TryGetProperty("error", out var error))
            answer.TrySetException(new QmpException(error.GetProperty("class").GetString()!, error.GetProperty("desc").GetString()!));
        else
            answer.TrySetResult(root.GetProperty("return").Clone());
    }

    private static QmpException Disconnected() => new("Disconnected", "QEMU has ended or closed its monitor.");
}
