using System.Net.Sockets;
using Pewter.NineP;
using Pewter.NineP.Client;
using Pewter.NineP.Serving;
using Pewter.Tree;

namespace Pewter.Machines.Nodes.Agents;

/// <summary>
/// The way to the tree of a node's agent: connects when somebody asks, again after a loss, and gives up an agent that
/// does not answer, so that every request to a dead or frozen one fails within its patience.
/// </summary>
/// <remarks>
/// Safe to use from any thread. An agent is probed at a request when it has not answered anything lately, and now and
/// then by
/// <see cref="Check"/>: if the probe is not answered in time the connection is closed, which fails whatever waits on
/// it, streams too.
/// </remarks>
internal sealed class AgentLink : IAsyncDisposable
{
    /// <summary>2 s: what readers are promised.</summary>
    public static readonly TimeSpan DefaultPatience = TimeSpan.FromMilliseconds(1800);

    private static readonly TimeSpan Fresh = TimeSpan.FromMilliseconds(200);

    private readonly string _node;
    private readonly Func<string?> _socket;
    private readonly bool _isPort;
    private readonly TimeProvider _time;
    private readonly TimeSpan _patience;
    private readonly RemoteTree _unguarded;
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly Lock _lock = new();
    private AgentConnection? _connection;
    private Task _probe = Task.CompletedTask;

    /// <summary>Creates the link.</summary>
    /// <param name="node">The node's path, for messages.</param>
    /// <param name="socket">The socket's path now; null while there is no agent.</param>
    /// <param name="isPort">Whether that is the host's end of a serial port.</param>
    /// <param name="patience">How long it may take to answer.</param>
    /// <param name="time">The clock.</param>
    public AgentLink(string node, Func<string?> socket, bool isPort, TimeSpan patience, TimeProvider time)
    {
        (_node, _socket, _isPort, _patience, _time) = (node, socket, isPort, patience, time);
        Tree = new RemoteTree(RootAsync, time);
        _unguarded = new RemoteTree(UnguardedRootAsync, time);
    }

    /// <summary>The agent's tree, to be mounted.</summary>
    public RemoteTree Tree { get; }

    /// <summary>
    /// Waits until the agent answers and keeps the connection; ETIMEDOUT when it does not in time. Returns its tree for
    /// whoever makes the node, while to everybody else it is not ready yet.
    /// </summary>
    public async ValueTask<TreeClient> AnswerAsync(string socket, TimeSpan within, CancellationToken cancellation)
    {
        using var deadline = new CancellationTokenSource(within, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellation);
        while (true)
        {
            AgentConnection? connection = null;
            try
            {
                connection = await AgentConnection.OpenAsync(socket, _isPort, _time, either.Token);
                await (await connection.AttachAsync(Caller.System).WaitAsync(either.Token)).StatAsync(either.Token);
                await CloseAsync();
                Volatile.Write(ref _connection, connection);
                connection = null;
                return new TreeClient(_unguarded.Directory(), Caller.System);
            }
            catch (Exception failure) when (failure is SocketException or FileException or IOException && !either.IsCancellationRequested)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(5), _time, CancellationToken.None);
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                throw new FileException(Errno.ETIMEDOUT, $"the agent did not answer at {socket} within {within.TotalSeconds:0.#} s.");
            }
            finally
            {
                if (connection is not null)
                {
                    await connection.DisposeAsync();
                }
            }
        }
    }

    /// <summary>Begins a probe of the agent if it is connected. Called every second or so.</summary>
    public void Check()
    {
        if (Volatile.Read(ref _connection) is { IsOpen: true } connection)
        {
            Probe(connection);
        }
    }

    /// <summary>Closes the connection; the next request connects anew.</summary>
    public async ValueTask CloseAsync()
    {
        if (Interlocked.Exchange(ref _connection, null) is { } connection)
        {
            await connection.DisposeAsync();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        Task probe;
        lock (_lock)
        {
            probe = _probe;
        }

        await probe;
    }

    private ValueTask<NineFile> UnguardedRootAsync(Caller caller, CancellationToken cancellation) =>
        Volatile.Read(ref _connection) is { IsOpen: true } connection
            ? new(connection.AttachAsync(caller).WaitAsync(cancellation))
            : throw new FileException(Errno.ENOLINK, $"{_node}: its agent is gone.");

    private async ValueTask<NineFile> RootAsync(Caller caller, CancellationToken cancellation)
    {
        try
        {
            if (_socket() is null)
            {
                throw NotReady();
            }

            var connection = await ConnectAsync(cancellation).WaitAsync(_patience, _time, cancellation);
            Probe(connection);
            return await connection.AttachAsync(caller).WaitAsync(_patience, _time, cancellation);
        }
        catch (Exception failure) when (failure is SocketException or IOException)
        {
            throw new FileException(Errno.ENOLINK, $"{_node}: its agent cannot be reached: {failure.Message}.", failure);
        }
        catch (TimeoutException late)
        {
            await CloseAsync();
            throw new FileException(Errno.ENOLINK, $"{_node}: its agent does not answer.", late);
        }
    }

    private async Task<AgentConnection> ConnectAsync(CancellationToken cancellation)
    {
        if (Volatile.Read(ref _connection) is { IsOpen: true } open)
        {
            return open;
        }

        await _gate.WaitAsync(cancellation);
        try
        {
            if (_connection is { IsOpen: true } made)
            {
                return made;
            }

            await CloseAsync();
            var socket = _socket() ?? throw NotReady();
            using var deadline = new CancellationTokenSource(_patience, _time);
            var connection = await AgentConnection.OpenAsync(socket, _isPort, _time, deadline.Token);
            Volatile.Write(ref _connection, connection);
            return connection;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new FileException(Errno.ENOLINK, $"{_node}: its agent does not answer.");
        }
        finally
        {
            _gate.Release();
        }
    }

    private FileException NotReady() => new(Errno.ENOLINK, $"{_node}: it is not ready, so nothing answers.");

    private void Probe(AgentConnection connection)
    {
        if (Tree.Age < Fresh)
        {
            return;
        }

        lock (_lock)
        {
            _probe = _probe.IsCompleted ? ProbeAsync(connection) : _probe;
        }
    }

    private async Task ProbeAsync(AgentConnection connection)
    {
        try
        {
            var root = await connection.AttachAsync(Caller.System).WaitAsync(_patience, _time);
            await root.StatAsync(CancellationToken.None).WaitAsync(_patience, _time);
        }
        catch (TimeoutException)
        {
            await connection.DisposeAsync();
        }
        catch (FileException)
        {
            // The connection is lost, and whoever waits on it knows.
        }
    }
}
