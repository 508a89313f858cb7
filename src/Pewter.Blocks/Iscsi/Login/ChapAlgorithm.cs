using System.Security.Cryptography;

namespace Pewter.Blocks.Iscsi.Login;

/// <summary>
/// The digests CHAP may use, strongest first (RFC 7143 12.1.3 and the IANA registry of PPP authentication algorithms).
/// </summary>
internal sealed class ChapAlgorithm
{
    private static readonly ChapAlgorithm[] Known =
    [
        new("7", 32, SHA256.HashData),
        new("6", 20, Sha1),
        new("5", 16, Md5),
    ];

    private readonly Func<byte[], byte[]> _hash;

    private ChapAlgorithm(string id, int length, Func<byte[], byte[]> hash) => (Id, Length, _hash) = (id, length, hash);

    public string Id { get; }

    public int Length { get; }

    /// <summary>The strongest of those an initiator offers.</summary>
    public static ChapAlgorithm? Choose(string offered)
    {
        string[] ids = offered.Split(',');
        return Known.FirstOrDefault(k => ids.Contains(k.Id));
    }

    /// <summary>The response to a challenge: the digest of id, secret and challenge.</summary>
    public byte[] Respond(byte id, ReadOnlySpan<byte> secret, ReadOnlySpan<byte> challenge) =>
        _hash([id, .. secret, .. challenge]);

    // Initiators in use offer nothing newer; the protocol fixes the digest, and a challenge is used once.
#pragma warning disable CA5350, CA5351
    private static byte[] Sha1(byte[] data) => SHA1.HashData(data);

    private static byte[] Md5(byte[] data) => MD5.HashData(data);
#pragma warning restore CA5350, CA5351
}
