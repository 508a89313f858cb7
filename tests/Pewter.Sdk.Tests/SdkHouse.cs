using Pewter.Execution;
using Pewter.Execution.Tests.Sessions;

namespace Pewter.Sdk.Tests;

/// <summary>A system in this process, as a program sees it: a control plane over real agents.</summary>
internal sealed class SdkHouse : IAsyncDisposable
{
    private readonly AgentNodes _nodes;
    private readonly ExecutionHouse _house;

    private SdkHouse(AgentNodes nodes, ExecutionHouse house)
    {
        (_nodes, _house) = (nodes, house);
        Client = PewterClient.Over(house.Admin);
    }

    public static CancellationToken Token => TestContext.Current.CancellationToken;

    public PewterClient Client { get; }

    public ExecutionHouse House => _house;

    public IReadOnlyList<AgentNode> Nodes => _nodes.All;

    public static async Task<SdkHouse> StartAsync(int nodes = 1, ExecutionLimits? limits = null)
    {
        var agents = await AgentNodes.StartAsync(nodes);
        return new SdkHouse(agents, await ExecutionHouse.StartAsync(agents.All, limits: limits));
    }

    public static SpawnSpec Shell(string script) => new("/bin/sh", "-c", script);

    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        await _house.DisposeAsync();
        await _nodes.DisposeAsync();
    }
}
