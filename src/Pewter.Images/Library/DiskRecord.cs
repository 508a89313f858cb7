using System.Globalization;
using System.Text.Json.Serialization;
using Pewter.Tree;

namespace Pewter.Images.Library;

/// <summary>All that must not be forgotten about a disk. Immutable; a change is a new one.</summary>
internal sealed record DiskRecord
{
    public const string Prefix = "d";

    public required long Number { get; init; }

    public required Owner Owner { get; init; }

    public required DateTimeOffset Created { get; init; }

    public string? Name { get; init; }

    /// <summary>Bytes.</summary>
    public long Size { get; init; }

    /// <summary>The number of the image it stands on; null when it stands alone.</summary>
    public long? Image { get; init; }

    /// <summary><see cref="Backings.Pool"/> for a disk in the Ceph pool; null for one of the store.</summary>
    public string? Backing { get; init; }

    /// <summary>Whether it cannot be released.</summary>
    public bool IsProtected { get; init; }

    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>False while it lives as long as a fid on it does: one from <c>clone</c> that was not made persistent and has no content.</summary>
    public bool IsPersistent { get; init; } = true;

    [JsonIgnore]
    public string Id => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{Number}");
}
