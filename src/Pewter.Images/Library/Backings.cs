namespace Pewter.Images.Library;

/// <summary>Where disks and images lie.</summary>
internal static class Backings
{
    /// <summary>In the disk server's own store.</summary>
    public const string Store = "layers";

    /// <summary>In the Ceph pool that the settings name.</summary>
    public const string Pool = "rbd";
}
