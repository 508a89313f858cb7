using Pewter.Testing.Conformance;

namespace Pewter.Machines.Tests.Nodes;

public sealed class NodeContractTests
{
    [Fact]
    public async Task The_subtree_holds_to_the_contract_of_the_tree()
    {
        await using var house = await NodeHouse.StartAsync(
            new NodeServiceOptions { HasHost = false, MoreKinds = [new FakeKind(new FakeWorld())], CloneKind = "fake" });
        await house.As(NodeHouse.Ann).CommandAsync("/node/ctl", ["alloc", "n=2", "kind=fake", "name=web", "lease=1h", "gpu"]);
        await house.Admin.CommandAsync("/node/ctl", ["alloc", "kind=fake"]);

        // A fake node has no agent: what is the agent's is checked with the agent.
        await TreeConformance.CheckAsync(house.Root, "/node", new()
        {
            Depth = 4, EntriesPerDirectory = 16, Skip = path => path.Split('/') is [.., "proc" or "metric" or "knob" or "fs" or "sys"],
        });
    }

    [Fact]
    public async Task A_cell_with_its_agent_holds_to_the_contract_too()
    {
        await using var house = await RealHouse.StartAsync();
        await house.Admin.CommandAsync("/node/ctl", ["alloc"]);
        await TreeConformance.CheckAsync(house.Daemon.Root, "/node/n1", new()
        {
            Depth = 3, EntriesPerDirectory = 24, Skip = path => path.StartsWith("/node/n1/fs", StringComparison.Ordinal),
        });
    }
}
