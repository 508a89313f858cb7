using Pewter.Testing.Conformance;

namespace Pewter.Networks.Tests;

public sealed class NetworkContractTests
{
    [Fact]
    public async Task The_subtree_holds_to_the_contract_of_the_tree()
    {
        await using var house = await NetworkHouse.StartAsync();
        await house.CreateAsync("name=lab");
        await house.CreateAsync();
        await house.ConnectAsync("lab", "n1");
        await TreeConformance.CheckAsync(house.Root, "/net", new() { Depth = 4, EntriesPerDirectory = 16 });
    }
}
