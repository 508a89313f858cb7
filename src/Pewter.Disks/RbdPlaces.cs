using System.Text.Json;

namespace Pewter.Disks;

/// <summary>Where the disks and layers of a store lie in a Ceph pool, as the file beside the store has it.</summary>
internal sealed record RbdPlaces
{
    /// <summary>What the pool's names of this store begin with; chosen once, so that two stores never meet in a pool.</summary>
    public required string Tag { get; init; }

    /// <summary>Disks of the store whose blocks are in the pool, by id.</summary>
    public Dictionary<string, RbdDiskPlace> Disks { get; init; } = [];

    /// <summary>Layers of the store that are in the pool, frozen there or copied to it, by id.</summary>
    public Dictionary<string, RbdLayerPlace> Layers { get; init; } = [];

    /// <summary>Reads the file; null when there is none.</summary>
    public static RbdPlaces? Load(string path) => File.Exists(path) ? JsonSerializer.Deserialize<RbdPlaces>(File.ReadAllBytes(path)) : null;

    /// <summary>Writes the file; it is durable on return, and never half.</summary>
    public void Save(string path)
    {
        string next = path + ".new";
        using (var stream = new FileStream(next, FileMode.Create, FileAccess.Write))
        {
            JsonSerializer.Serialize(stream, this);
            stream.Flush(flushToDisk: true);
        }

        File.Move(next, path, overwrite: true);
    }

    /// <summary>The images of the pool that something lies in.</summary>
    public HashSet<string> Images() =>
        [.. Disks.Values.Select(d => d.Image), .. Disks.Values.Select(d => d.Next).OfType<string>(), .. Layers.Values.Select(l => l.Image)];
}
