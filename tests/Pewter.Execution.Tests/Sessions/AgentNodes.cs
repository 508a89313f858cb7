namespace Pewter.Execution.Tests.Sessions;

/// <summary>Several nodes that end together.</summary>
internal sealed class AgentNodes : IAsyncDisposable
{
    private AgentNodes(IReadOnlyList<AgentNode> all) => All = all;

    public IReadOnlyList<AgentNode> All { get; }

    public static async Task<AgentNodes> StartAsync(int count)
    {
        var all = new List<AgentNode>();
        for (var i = 0; i < count; i++) all.Add(await AgentNode.StartAsync());
        return new AgentNodes(all);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in All) await node.DisposeAsync();
    }
}
