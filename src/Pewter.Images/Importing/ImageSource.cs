using System.Security.Cryptography;
using Pewter.Images.Composing;
using Pewter.Images.Library;
using Pewter.NineP;

namespace Pewter.Images.Importing;

/// <summary>Makes a disk file of whatever an image is imported from.</summary>
internal static class ImageSource
{
    /// <summary>Prepares a source.</summary>
    /// <param name="name">What the image will be called.</param>
    /// <param name="source">A path of this machine, or an address of HTTP.</param>
    /// <param name="format">One of <see cref="ImageFormat"/>, or what qemu-img calls it.</param>
    /// <param name="sha256">The digest that the source must have; null: whatever it has.</param>
    /// <param name="place">A file that may be used, and is kept when the import is cut short.</param>
    /// <param name="told">Told what is being done.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>The disk's file, its format, and the digest that is still to be checked while it is read.</returns>
    public static async ValueTask<(string Path, string Format, string? Sha256)> PrepareAsync(
        string name, string source, string format, string? sha256, string place, Action<TransferProgress> told, CancellationToken cancellation)
    {
        var path = source;
        if (IsAddress(source))
        {
            await Download.RunAsync(new Uri(source), place, told, cancellation);
            path = place;
        }

        format = format == ImageFormat.Auto ? await ImageFormat.DetectAsync(path, cancellation) : format;
        if (format == ImageFormat.Raw)
        {
            return (path, format, sha256);
        }

        await DemandDigestAsync(name, path, format, sha256, told, cancellation);
        if (format is not (ImageFormat.Directory or ImageFormat.Archive or ImageFormat.Oci))
        {
            await DemandWholeAsync(name, path, format, cancellation);
            return (path, format, null);
        }

        told(new TransferProgress("filesystem", null));
        var system = place + ".fs";
        string[] words = ["filesystem", system, "0", format, .. format == ImageFormat.Oci ? OciLayout.Layers(path) : (string[])[path]];
        await ComposeScript.RunAsync(words, cancellation);
        return (system, ImageFormat.Raw, null);
    }

    /// <summary>Whether a source is an address of HTTP.</summary>
    public static bool IsAddress(string source) =>
        source.StartsWith("http://", StringComparison.Ordinal) || source.StartsWith("https://", StringComparison.Ordinal);

    private static async ValueTask DemandDigestAsync(
        string name, string path, string format, string? sha256, Action<TransferProgress> told, CancellationToken cancellation)
    {
        if (sha256 is null)
        {
            return;
        }

        if (Directory.Exists(path))
        {
            throw new FileException(Errno.EINVAL, $"A {format} has no digest as a whole; leave sha256 out.");
        }

        told(new TransferProgress("verify", null));
        await using var file = File.OpenRead(path);
        var found = Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellation));
        if (!found.Equals(sha256, StringComparison.OrdinalIgnoreCase))
        {
            throw new FileException(Errno.EIO, $"The image {name} has SHA-256 {found}, not {sha256}: it is not the one that was meant.");
        }
    }

    // Of a file that was cut qemu-img reads zeroes where the rest should be, and says nothing.
    private static async ValueTask DemandWholeAsync(string name, string path, string format, CancellationToken cancellation)
    {
        if (format != "qcow2")
        {
            return;
        }

        try
        {
            await Tool.RunAsync("qemu-utils", "qemu-img", ["check", "-q", "-f", format, path], cancellation);
        }
        catch (FileException failure) when (failure.Errno == Errno.EIO)
        {
            var why = failure.Message.Contains("exceeding the end", StringComparison.Ordinal)
                ? $"is truncated: it ends after {new FileInfo(path).Length} bytes" : $"is damaged: {failure.Message}";
            throw new FileException(Errno.EIO, $"The image {name} {why}.", failure);
        }
    }
}
