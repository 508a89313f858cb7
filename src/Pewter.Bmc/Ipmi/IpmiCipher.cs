using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Pewter.Bmc.Ipmi;

/// <summary>
/// A cipher suite of IPMI 2.0 (table 22-20): how both ends prove the password, and how messages are signed and encrypted. Suites without
/// encryption are not spoken.
/// </summary>
internal sealed class IpmiCipher
{
    private const int Iv = 16;
    private readonly Func<byte[], byte[], byte[]> _hmac;

    private IpmiCipher(int suite, byte authentication, byte integrity, int hashBytes, int integrityBytes, Func<byte[], byte[], byte[]> hmac)
    {
        (Suite, Authentication, Integrity, HashBytes, IntegrityBytes, _hmac) = (suite, authentication, integrity, hashBytes, integrityBytes, hmac);
    }

    /// <summary>RAKP-HMAC-SHA256, HMAC-SHA256-128, AES-CBC-128.</summary>
    public static IpmiCipher Suite17 { get; } = new(17, 3, 4, HMACSHA256.HashSizeInBytes, 16, HMACSHA256.HashData);

    /// <summary>RAKP-HMAC-SHA1, HMAC-SHA1-96, AES-CBC-128: what every controller has.</summary>
    public static IpmiCipher Suite3 { get; } = new(3, 1, 1, HMACSHA1.HashSizeInBytes, 12, Sha1);

    public int Suite { get; }

    public byte Authentication { get; }

    public byte Integrity { get; }

    /// <summary>AES-CBC-128, in both suites.</summary>
    public static byte Confidentiality => 1;

    public int HashBytes { get; }

    public int IntegrityBytes { get; }

    public byte[] Hmac(byte[] key, params ReadOnlySpan<byte[]> parts) => _hmac(key, Join(parts));

    /// <summary>Encrypts a payload: the initial vector, then the data padded with 1, 2, 3, … and the count of the padding (13.29).</summary>
    public static byte[] Encrypt(byte[] key, ReadOnlySpan<byte> data)
    {
        var padding = (Iv - ((data.Length + 1) % Iv)) % Iv;
        var plain = new byte[data.Length + padding + 1];
        data.CopyTo(plain);
        for (var i = 0; i < padding; i++)
            plain[data.Length + i] = (byte)(i + 1);
        plain[^1] = (byte)padding;
        using var aes = Aes(key);
        var iv = RandomNumberGenerator.GetBytes(Iv);
        return [.. iv, .. aes.EncryptCbc(plain, iv, PaddingMode.None)];
    }

    /// <summary>Decrypts a payload; null when it is none.</summary>
    public static byte[]? Decrypt(byte[] key, ReadOnlySpan<byte> data)
    {
        if (data.Length < 2 * Iv || data.Length % Iv != 0)
            return null;
        using var aes = Aes(key);
        var plain = aes.DecryptCbc(data[Iv..], data[..Iv], PaddingMode.None);
        var padding = plain[^1];
        return padding < plain.Length ? plain[..^(padding + 1)] : null;
    }

    [SuppressMessage("Security", "CA5350", Justification = "The specification fixes the hash; suite 17 is tried first.")]
    private static byte[] Sha1(byte[] key, byte[] data) => HMACSHA1.HashData(key, data);

    private static byte[] Join(ReadOnlySpan<byte[]> parts)
    {
        using var joined = new MemoryStream();
        foreach (var part in parts)
            joined.Write(part);
        return joined.ToArray();
    }

    private static Aes Aes(byte[] key)
    {
        var aes = System.Security.Cryptography.Aes.Create();
        aes.Key = key;
        return aes;
    }
}
