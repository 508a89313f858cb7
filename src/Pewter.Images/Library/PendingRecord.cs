using System.Globalization;
using System.Text.Json.Serialization;

namespace Pewter.Images.Library;

/// <summary>
/// A change that the disk server is about to be asked for, durable before it is asked and gone with the outcome. What is found at a start is
/// undone, or driven to its end where somebody was told that it will be.
/// </summary>
internal sealed record PendingRecord
{
    public required PendingKind Kind { get; init; }

    /// <summary>The number of the first disk, or of the image.</summary>
    public required long First { get; init; }

    /// <summary>Disks.</summary>
    public int Count { get; init; } = 1;

    /// <summary>The layer, for the removal of an image.</summary>
    public string? Layer { get; init; }

    [JsonIgnore]
    public string Id => string.Create(CultureInfo.InvariantCulture, $"{Kind.ToString().ToLowerInvariant()}-{First}");
}

/// <summary>What is being done.</summary>
internal enum PendingKind
{
    /// <summary>Disks are made; undone by removing those that are there.</summary>
    Create,

    /// <summary>A disk is frozen as an image; undone by letting go of the layer's name.</summary>
    Snapshot,

    /// <summary>A disk is removed; repeated.</summary>
    Release,

    /// <summary>An image's layer is let go of; repeated.</summary>
    Remove,
}
