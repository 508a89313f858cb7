namespace Pewter.Blocks.Layers;

/// <summary>
/// The entries of 4 MiB of an open layer. Entries change only under the stripe lock of their page and are read without one; the flags and the
/// sequence belong to that lock too.
/// </summary>
internal sealed class MapPage(int index)
{
    /// <summary>Stands for a page that the file does not have.</summary>
    public static readonly MapPage Missing = new(-1);

    public int Index { get; } = index;

    public uint[] Entries { get; } = index < 0 ? [] : new uint[LayerFormat.PageBlocks];

    /// <summary>The version in the file; 0 when the file has none yet.</summary>
    public ulong Sequence { get; set; }

    /// <summary>The file has, or is about to have, checksums of this page: overwriting data needs an intent from now on.</summary>
    public bool IsStored { get; set; }

    /// <summary>The disk space of its states is taken.</summary>
    public bool IsReserved { get; set; }

    /// <summary>Blocks came or went since the last flush, so the next one must store the page.</summary>
    public bool MustPersist { get; set; }

    /// <summary>Only checksums changed, under an intent; stored when the layer settles.</summary>
    public bool ChecksumsChanged { get; set; }
}
