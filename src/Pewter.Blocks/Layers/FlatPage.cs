namespace Pewter.Blocks.Layers;

/// <summary>A page of a flattened map: for each block the depth of the layer that holds it, 0 for none.</summary>
internal static class FlatPage
{
    public static readonly ushort[] Hole = new ushort[LayerFormat.PageBlocks];

    /// <summary>Lays a layer's own entries over the page below it, which is not changed; returns it itself when nothing differs.</summary>
    public static ushort[] Overlay(ushort[] below, ReadOnlySpan<uint> own, ushort depth)
    {
        ushort[] result = below;
        for (int i = 0; i < LayerFormat.PageBlocks; i++)
        {
            ushort entry = own[i] switch
            {
                LayerFormat.Absent => below[i],
                LayerFormat.Zero => 0,
                _ => depth,
            };
            if (entry == result[i])
                continue;
            if (result == below)
                result = (ushort[])below.Clone();
            result[i] = entry;
        }

        return result;
    }
}
