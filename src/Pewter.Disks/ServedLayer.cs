using Pewter.Blocks.Layers;

namespace Pewter.Disks;

/// <summary>A layer of the server's store.</summary>
internal sealed class ServedLayer(LayerInfo info)
{
    private volatile LayerInfo _info = info;

    public string Id { get; } = info.Id;

    public long Number { get; } = long.Parse(info.Id.AsSpan(1), System.Globalization.CultureInfo.InvariantCulture);

    public LayerInfo Info
    {
        get => _info;
        set => _info = value;
    }
}
