using System.Text.Json;
using Pewter.NineP;

namespace Pewter.Images.Importing;

/// <summary>Reads an OCI image layout (image-spec, image-layout.md): the layers of its first image, lowest first.</summary>
internal static class OciLayout
{
    /// <summary>The files of the layers.</summary>
    /// <exception cref="FileException">EINVAL: it is no layout, or lacks a part.</exception>
    public static IReadOnlyList<string> Layers(string directory)
    {
        try
        {
            using var index = Read(Path.Combine(directory, "index.json"));
            using var manifest = Manifest(directory, index.RootElement);
            return [.. manifest.RootElement.GetProperty("layers").EnumerateArray().Select(layer => Blob(directory, layer))];
        }
        catch (Exception failure) when (failure is JsonException or KeyNotFoundException or InvalidOperationException or IOException)
        {
            throw new FileException(Errno.EINVAL, $"{directory} is no whole OCI image layout: {failure.Message}", failure);
        }
    }

    // An index may point to another, one for each architecture.
    private static JsonDocument Manifest(string directory, JsonElement index)
    {
        var first = index.GetProperty("manifests").EnumerateArray()
            .OrderBy(each => each.TryGetProperty("platform", out var platform) && platform.GetProperty("architecture").GetString() != "amd64")
            .First();
        var document = Read(Blob(directory, first));
        if (!document.RootElement.TryGetProperty("manifests", out _))
        {
            return document;
        }

        using (document)
        {
            return Manifest(directory, document.RootElement);
        }
    }

    private static JsonDocument Read(string path) => JsonDocument.Parse(File.ReadAllBytes(path));

    private static string Blob(string directory, JsonElement descriptor)
    {
        var parts = descriptor.GetProperty("digest").GetString()!.Split(':');
        if (parts is not [var algorithm, var digest] || !algorithm.All(char.IsAsciiLetterOrDigit) || !digest.All(char.IsAsciiHexDigit))
        {
            throw new FileException(Errno.EINVAL, $"'{descriptor.GetProperty("digest").GetString()}' is no digest.");
        }

        var path = Path.Combine(directory, "blobs", algorithm, digest);
        return File.Exists(path) ? path : throw new FileException(Errno.EINVAL, $"{path} is missing: the layout is not whole.");
    }
}
