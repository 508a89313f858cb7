namespace Pewter.Bmc.Ipmi;

/// <summary>What a handshake leaves behind: the ids of both ends and the keys that only they know. Immutable.</summary>
/// <param name="Cipher">The suite.</param>
/// <param name="ConsoleId">Our id of the session.</param>
/// <param name="ManagedId">The controller's id of it.</param>
/// <param name="Integrity">K1, which signs.</param>
/// <param name="Encryption">K2, which encrypts.</param>
internal sealed record IpmiKeys(IpmiCipher Cipher, uint ConsoleId, uint ManagedId, byte[] Integrity, byte[] Encryption)
{
    private const int KeyBytes = 16;

    /// <summary>Derives the keys from the session's integrity key (13.32).</summary>
    public static IpmiKeys From(IpmiCipher cipher, uint consoleId, uint managedId, byte[] sessionKey)
    {
        // Both suites hash twenty equal bytes, whatever the length of their hash.
        const int ConstantBytes = 20;
        var (first, second) = (new byte[ConstantBytes], new byte[ConstantBytes]);
        Array.Fill(first, (byte)1);
        Array.Fill(second, (byte)2);
        return new(cipher, consoleId, managedId, cipher.Hmac(sessionKey, first), cipher.Hmac(sessionKey, second)[..KeyBytes]);
    }
}
