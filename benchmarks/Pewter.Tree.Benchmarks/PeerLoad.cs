using Pewter.NineP.Serving;

namespace Pewter.Tree.Benchmarks;

/// <summary>A thousand machines in three levels, each link real 9P over pipes in memory: status at the root, and a command to all.</summary>
internal static class PeerLoad
{
    private const int Runs = 9;

    public static async IAsyncEnumerable<Row> RunAsync(bool quick)
    {
        var (gateways, below) = quick ? (10, 9) : (40, 24);
        await using var root = new Peer(nodes: 1);
        var peers = new List<Peer>();
        for (var g = 0; g < gateways; g++)
        {
            var gateway = new Peer(nodes: 1);
            peers.Add(gateway);
            for (var p = 0; p < below; p++)
            {
                var peer = new Peer(nodes: 1);
                peers.Add(peer);
                await gateway.JoinAsync($"p{p}", peer);
            }

            await root.JoinAsync($"g{g}", gateway);
        }

        var client = new TreeClient(root.Root, Caller.System);
        var lines = 0;
        await StatusAsync();
        var (status, statusCpu) = await Percentile.MedianAsync(Runs, StatusAsync);
        yield return new("tree.peers.status", status, "ms", 250, $"{peers.Count} peers, {gateways} gateways; {lines} lines; {statusCpu:0} ms of CPU");

        var results = 0;
        await CommandAsync();
        var (command, commandCpu) = await Percentile.MedianAsync(Runs, CommandAsync);
        yield return new("tree.peers.ctl", command, "ms", 500, $"query/os!=none/ctl at the root: {results} results, all ok; {commandCpu:0} ms of CPU");
        foreach (var peer in peers)
        {
            await peer.DisposeAsync();
        }

        async Task StatusAsync()
        {
            lines = (await client.ReadBytesAsync("/node/status")).AsSpan().Count((byte)'\n');
            Check(lines == peers.Count + 1, $"{lines} lines of status from {peers.Count + 1} machines");
        }

        async Task CommandAsync()
        {
            results = (await client.CommandAsync("/node/query/os!=none/ctl", ["state", "ready"])).Count;
            Check(results == peers.Count + 1, $"{results} results from {peers.Count + 1} machines");
        }
    }

    private static void Check(bool holds, string wrong)
    {
        if (!holds)
        {
            throw new InvalidOperationException(wrong);
        }
    }
}
