namespace Pewter.Distribution.Blobs;

/// <summary>A file of a bundle.</summary>
/// <param name="Digest">Its content.</param>
/// <param name="Size">Bytes of that.</param>
/// <param name="Name">Its name, without directories.</param>
internal sealed record BundleEntry(string Digest, long Size, string Name);
