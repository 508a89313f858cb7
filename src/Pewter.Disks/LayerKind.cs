using System.Globalization;
using Pewter.Blocks.Layers;
using Pewter.Tree;

namespace Pewter.Disks;

/// <summary>What the tree says of a layer.</summary>
internal static class LayerKind
{
    public static ObjectKind<ServedLayer> Create(DiskServer server, CommandSet<ServedLayer> commands) => new()
    {
        Prefix = "l",
        Commands = commands,
        Fields = new Fields<ServedLayer>()
            .Size("size", l => l.Info.Length)
            .Text("layer", l => l.Info.Parent, indexed: true)
            .Time("created", l => l.Info.CreatedAt),
        Files = (directory, layer) => directory
            .Add("lineage", new TextFile(() => string.Join('\n', server.Store.Lineage(layer.Id).Select(l => l.Id))))
            .Add("dependants", new TextFile(() => string.Join('\n', server.Store.Dependants(layer.Id))))
            .Add("heat", new TextFile(() => Heat(server.Store.LoadHeat(layer.Id))))
            .Add("used", new TextFile(() => server.Store.UsedBytes(layer.Id).ToString(CultureInfo.InvariantCulture))),
    };

    private static string Heat(HeatMap? heat)
    {
        using var writer = new StringWriter(CultureInfo.InvariantCulture);
        heat?.Save(writer);
        return writer.ToString();
    }
}
