namespace Pewter.Sdk;

/// <summary>Files that a daemon has under their digest. Immutable.</summary>
/// <param name="Digest">The digest of the list of them, by which nodes get them: the same for the same files, whoever pushed them.</param>
/// <param name="Bytes">All of them together.</param>
/// <param name="UploadedBytes">What was not there yet.</param>
public sealed record PushedFiles(string Digest, long Bytes, long UploadedBytes);
