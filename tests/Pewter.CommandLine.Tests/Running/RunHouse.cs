using Pewter.Execution.Tests.Sessions;

namespace Pewter.CommandLine.Tests.Running;

/// <summary>The command line over a control plane with real agents, in this process.</summary>
internal sealed class RunHouse : IAsyncDisposable
{
    private readonly AgentNodes _nodes;
    private readonly ExecutionHouse _house;

    private RunHouse(AgentNodes nodes, ExecutionHouse house) => (_nodes, _house) = (nodes, house);

    public static CancellationToken Token => TestContext.Current.CancellationToken;

    public ExecutionHouse House => _house;

    public static async Task<RunHouse> StartAsync(int nodes = 1)
    {
        var agents = await AgentNodes.StartAsync(nodes);
        return new RunHouse(agents, await ExecutionHouse.StartAsync(agents.All));
    }

    public CommandTester Tester(string input = "") => new() { Served = _house.Root, Input = input };

    public Task<CommandResult> RunAsync(params string[] arguments) => Tester().RunAsync(Token, arguments);

    public async ValueTask DisposeAsync()
    {
        await _house.DisposeAsync();
        await _nodes.DisposeAsync();
    }
}
