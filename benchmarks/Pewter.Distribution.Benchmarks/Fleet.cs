using Pewter.Sdk;

namespace Pewter.Distribution.Benchmarks;

/// <summary>A root, gateways below it, or one level further down, and cells on each gateway.</summary>
internal sealed class Fleet : IAsyncDisposable
{
    private readonly List<Daemon> _daemons = [];

    public PewterClient Root => _daemons[0].Client;

    public IReadOnlyList<string> Cells { get; private set; } = [];

    /// <summary>Starts it.</summary>
    /// <param name="gateways">Machines with cells.</param>
    /// <param name="cells">Cells of each.</param>
    /// <param name="middle">Machines between the root and the gateways; 0: none.</param>
    public static async Task<Fleet> StartAsync(int gateways, int cells, int middle)
    {
        var fleet = new Fleet();
        var root = await fleet.AddAsync("root", null);
        var middles = new List<Daemon>();
        for (var i = 0; i < middle; i++)
        {
            middles.Add(await fleet.AddAsync($"m{i}", root));
        }

        var nodes = new List<string>();
        for (var i = 0; i < gateways; i++)
        {
            var gateway = await fleet.AddAsync($"g{i}", middle == 0 ? root : middles[i % middle]);
            var made = await gateway.Client.Nodes.AllocateAsync(new NodeRequest { Count = cells });
            nodes.AddRange(made.Select(node => gateway.Path + node.Path));
        }

        fleet.Cells = nodes;
        return fleet;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var daemon in Enumerable.Reverse(_daemons))
        {
            await daemon.DisposeAsync();
        }
    }

    private async Task<Daemon> AddAsync(string name, Daemon? parent)
    {
        var daemon = new Daemon(name);
        await daemon.StartAsync(parent);
        _daemons.Add(daemon);
        return daemon;
    }
}
