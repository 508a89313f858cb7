using Pewter.NineP;

namespace Pewter.Images.Importing;

/// <summary>What an image to be imported is made of, found out by looking at it.</summary>
internal static class ImageFormat
{
    public const string Auto = "auto";
    public const string Raw = "raw";
    public const string Directory = "dir";
    public const string Archive = "tar";
    public const string Oci = "oci";

    private const int HeadBytes = 512;
    private const int TarMagicAt = 257;

    private static readonly (byte[] Magic, string Format)[] Disks =
    [
        ([0x51, 0x46, 0x49, 0xfb], "qcow2"), ("KDMV"u8.ToArray(), "vmdk"), ("vhdxfile"u8.ToArray(), "vhdx"),
        ("conectix"u8.ToArray(), "vpc"), ("<<< Oracle VM VirtualBox Disk Image >>>"u8.ToArray(), "vdi"),
    ];

    private static readonly string[] ArchiveEndings = [".tar", ".tgz", ".tar.gz", ".tar.xz", ".tar.zst", ".tar.bz2"];

    /// <summary>The format of a file or directory; what has no mark of any is raw.</summary>
    public static async ValueTask<string> DetectAsync(string path, CancellationToken cancellation)
    {
        if (System.IO.Directory.Exists(path))
        {
            return File.Exists(Path.Combine(path, "oci-layout")) ? Oci : Directory;
        }

        if (!File.Exists(path))
        {
            throw new FileException(Errno.ENOENT, $"{path}: there is no such file on the daemon's machine.");
        }

        if (ArchiveEndings.Any(ending => path.EndsWith(ending, StringComparison.OrdinalIgnoreCase)))
        {
            return Archive;
        }

        var head = new byte[HeadBytes];
        await using var file = File.OpenRead(path);
        var count = await file.ReadAtLeastAsync(head, HeadBytes, throwOnEndOfStream: false, cancellation);
        return Disks.FirstOrDefault(disk => head.AsSpan(0, count).StartsWith(disk.Magic)).Format
            ?? (head.AsSpan(TarMagicAt).StartsWith("ustar"u8) ? Archive : Raw);
    }
}
