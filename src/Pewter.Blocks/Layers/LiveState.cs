namespace Pewter.Blocks.Layers;

/// <summary>What <see cref="LiveMap"/> keeps of a block.</summary>
internal enum LiveState : byte
{
    /// <summary>As the map file says.</summary>
    Unchanged = 0,

    /// <summary>The layer below answers.</summary>
    Absent = 1,

    /// <summary>Zero.</summary>
    Zero = 2,

    /// <summary>In the data file.</summary>
    Data = 3,
}
