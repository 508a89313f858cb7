using System.IO.Pipelines;
using Pewter.NineP.Client;
using Pewter.NineP.Server;
using Pewter.NineP.Transport;

namespace Pewter.NineP.Tests.Sample;

/// <summary>A server of the sample tree in this process, one connection a call of <see cref="Connect"/>.</summary>
internal sealed class SampleServer : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task<Disconnect>> _connections = [];

    public SampleTree Tree { get; } = new();

    public NineLimits Limits { get; init; } = NineLimits.Default;

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public Task<Disconnect> LastConnection => _connections[^1];

    public IDuplexPipe Connect()
    {
        var (mine, servers) = MemoryTransport.CreatePair();
        _connections.Add(Task.Run(() => NineServer.ServeAsync(servers, Tree, null, Limits, Time, _stop.Token)));
        return mine;
    }

    public async Task<NineClient> ConnectClientAsync(Dialect dialect = Dialect.NineP2000L) =>
        await NineClient.ConnectAsync(Connect(), NineClientOptions.Default with { Dialect = dialect });

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        foreach (var connection in _connections)
            await connection.WaitAsync(TimeSpan.FromSeconds(10));
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }
}
