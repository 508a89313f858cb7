namespace Pewter.Images.Library;

/// <summary>What an image is.</summary>
internal static class ImageTypes
{
    /// <summary>A disk, of which copy-on-write disks are made.</summary>
    public const string Disk = "disk";

    /// <summary>A kernel and an initramfs: all in memory.</summary>
    public const string Kernel = "kernel";
}
