using System.Security.Cryptography;
using System.Text;
using Pewter.Blocks.Exports;

namespace Pewter.Disks;

/// <summary>
/// The key of a store from which each disk's own iSCSI initiator has its CHAP secret: nothing is kept for a disk, and who knows one secret
/// knows no other. Immutable.
/// </summary>
public sealed class InitiatorKey
{
    private const int KeyBytes = 32;

    // 26 characters of base 32 hold 128 bits, and RFC 7143 asks for 12 characters at least.
    private const int SecretCharacters = 26;
    private const string Alphabet = "abcdefghijkmnpqrstuvwxyz23456789";

    private readonly byte[] _key;
    private readonly string _prefix;

    private InitiatorKey(byte[] key, string prefix) => (_key, _prefix) = (key, prefix);

    /// <summary>Reads the key, or makes it, readable by its owner alone.</summary>
    /// <param name="path">The file.</param>
    /// <param name="prefix">What initiator names begin with; <c>:initiator:</c> and the disk's id follow.</param>
    public static InitiatorKey Open(string path, string prefix)
    {
        if (!File.Exists(path))
            Make(path);
        return new InitiatorKey(File.ReadAllBytes(path), prefix);
    }

    /// <summary>The initiator of a disk.</summary>
    public ExportInitiator Of(string disk)
    {
        byte[] hash = HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(disk));
        string secret = string.Create(SecretCharacters, hash, static (text, bytes) =>
        {
            for (int i = 0; i < text.Length; i++)
                text[i] = Alphabet[bytes[i] & 31];
        });
        string name = $"{_prefix}:initiator:{disk}";
        return new ExportInitiator(name, name, secret);
    }

    private static void Make(string path)
    {
        string next = path + ".new";
        var options = new FileStreamOptions
        {
            Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        using (var stream = new FileStream(next, options))
        {
            stream.Write(RandomNumberGenerator.GetBytes(KeyBytes));
            stream.Flush(flushToDisk: true);
        }

        File.Move(next, path, overwrite: true);
    }
}
