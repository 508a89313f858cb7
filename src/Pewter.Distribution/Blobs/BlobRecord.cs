using System.Text.Json.Serialization;

namespace Pewter.Distribution.Blobs;

/// <summary>What is durable about a blob that is all there; its content is a file named by the digest. Immutable.</summary>
/// <param name="Number">Its number, never given again.</param>
/// <param name="User">The owner's name.</param>
/// <param name="Uid">The owner's number.</param>
/// <param name="Group">The tenant's name.</param>
/// <param name="Gid">The tenant's number.</param>
/// <param name="Name">What its owner called it.</param>
/// <param name="Digest">SHA-256 of the content, in lower hexadecimal digits.</param>
/// <param name="Size">Bytes.</param>
/// <param name="IsBundle">Whether it is a list of other blobs.</param>
/// <param name="Used">When it was last used, as far as that was written down.</param>
public sealed record BlobRecord(
    long Number, string User, uint Uid, string Group, uint Gid, string Name, string Digest, long Size, bool IsBundle, DateTimeOffset Used);

/// <summary>The records' JSON, without reflection.</summary>
[JsonSerializable(typeof(BlobRecord))]
internal sealed partial class BlobJson : JsonSerializerContext;
