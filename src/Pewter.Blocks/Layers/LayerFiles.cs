namespace Pewter.Blocks.Layers;

/// <summary>The names of a layer's files.</summary>
internal static class LayerFiles
{
    public static string Data(string layer) => layer + ".data";

    public static string Map(string layer) => layer + ".map";

    public static string Live(string layer) => layer + ".live";

    public static string Heat(string layer) => layer + ".heat";

    /// <summary>What protocols keep beside a disk.</summary>
    public static string State(string disk) => disk + ".state";

    /// <summary>The state that takes the place of <see cref="State"/> when it is whole.</summary>
    public static string NextState(string disk) => disk + ".state-next";

    /// <summary>The disk whose state a file is; null when it is none's.</summary>
    public static string? DiskOf(string file) =>
        Path.GetExtension(file) is ".state" or ".state-next" ? Path.GetFileNameWithoutExtension(file) : null;

    /// <summary>The layer a file belongs to; null when it is none's.</summary>
    public static string? LayerOf(string file) =>
        Path.GetExtension(file) is ".data" or ".map" or ".live" or ".heat" ? Path.GetFileNameWithoutExtension(file) : null;
}
