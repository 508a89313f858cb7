using Pewter.Execution.Placement;

namespace Pewter.Execution.Tests.Placement;

public sealed class PlacementPolicyTests
{
    [Fact]
    public void Spread_gives_each_node_as_many_as_the_others()
    {
        var placed = Place(7, PlacementMode.Spread, Node("a"), Node("b"), Node("c"));

        Assert.Equal(["a", "b", "c", "a", "b", "c", "a"], placed);
    }

    [Fact]
    public void Spread_counts_what_runs_already()
    {
        Assert.Equal(["b", "b", "a", "b"], Place(4, PlacementMode.Spread, Node("a") with { Running = 2 }, Node("b")));
    }

    [Fact]
    public void Pack_fills_a_node_before_the_next_and_begins_with_the_one_in_use()
    {
        Assert.Equal(["b", "a", "a", "c"], Place(4, PlacementMode.Pack, Node("a", 2), Node("b", 2) with { Running = 1 }, Node("c", 2)));
    }

    [Fact]
    public void Least_loaded_goes_where_most_is_idle()
    {
        Assert.Equal(["b", "b", "a"], Place(3, PlacementMode.LeastLoaded, Node("a", 4) with { Load = 3 }, Node("b", 4) with { Load = 1 }));
    }

    [Fact]
    public void What_is_near_goes_first()
    {
        var request = new PlacementRequest(2, PlacementMode.Spread, Near: ["c"]);

        Assert.Equal(["c", "c"], PlacementPolicy.Place(request, [Node("a"), Node("b"), Node("c")]));
    }

    [Fact]
    public void Memory_that_does_not_fit_refuses_the_whole()
    {
        var request = new PlacementRequest(4, PlacementMode.Spread, BytesEach: 1000);

        Assert.Empty(PlacementPolicy.Place(request, [Node("a") with { FreeBytes = 1500 }, Node("b") with { FreeBytes = 2900 }]));
        Assert.Equal(3, PlacementPolicy.Place(request with { Count = 3 }, [Node("a") with { FreeBytes = 1500 }, Node("b") with { FreeBytes = 2900 }]).Count);
    }

    [Theory]
    [InlineData(PlacementMode.Spread)]
    [InlineData(PlacementMode.Pack)]
    [InlineData(PlacementMode.LeastLoaded)]
    public void Whatever_the_mode_all_are_placed_on_candidates_or_none(PlacementMode mode)
    {
        var random = new Random(20261120);
        for (var round = 0; round < 500; round++)
        {
            var nodes = Enumerable.Range(0, random.Next(0, 20)).Select(i => Node($"n{i}", random.Next(1, 9)) with
            {
                Load = random.NextDouble() * 8, Running = random.Next(10), FreeBytes = random.Next(2) == 0 ? null : random.Next(5000),
            }).ToArray();
            var request = new PlacementRequest(random.Next(1, 50), mode, random.Next(2) == 0 ? null : 1000);

            var placed = PlacementPolicy.Place(request, nodes);

            Assert.True(placed.Count == request.Count || placed.Count == 0);
            foreach (var group in placed.GroupBy(path => path))
            {
                var node = nodes.Single(node => node.Path == group.Key);
                Assert.True(request.BytesEach is null || node.FreeBytes is null || group.Count() * request.BytesEach <= node.FreeBytes);
            }
        }
    }

    private static Candidate Node(string path, double cpus = 1) => new(path, cpus, 0, null, 0);

    private static IReadOnlyList<string> Place(int count, PlacementMode mode, params Candidate[] nodes) =>
        PlacementPolicy.Place(new PlacementRequest(count, mode), nodes);
}
