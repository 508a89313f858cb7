using System.Security.Cryptography;

namespace Pewter.Tls.Tests;

/// <summary>Digests and ciphers against the system's own library, over lengths on both sides of every block, and against their standards.</summary>
public sealed class CipherTests
{
    [Fact]
    public void Digests_and_codes_are_those_of_the_system()
    {
        for (var length = 0; length < 300; length++)
        {
            var (data, key) = (RandomNumberGenerator.GetBytes(length), RandomNumberGenerator.GetBytes(length % 97));
            Assert.Equal(SHA256.HashData(data), Sha256.Hash(data));
            Assert.Equal(HMACSHA256.HashData(key, data), Sha256.Authenticate(key, data));
        }
    }

    [Fact]
    public void Records_are_sealed_as_the_system_seals_them_and_a_changed_bit_is_seen()
    {
        for (var length = 0; length < 300; length++)
        {
            var secret = RandomNumberGenerator.GetBytes(32);
            var (key, nonce) = (KeySchedule.ExpandLabel(secret, "key", [], 32), KeySchedule.ExpandLabel(secret, "iv", [], 12));
            var (header, plain) = (RandomNumberGenerator.GetBytes(5), RandomNumberGenerator.GetBytes(length));
            var (expected, expectedTag) = (new byte[length], new byte[16]);
            using (var system = new ChaCha20Poly1305(key))
                system.Encrypt(nonce, plain, expected, expectedTag, header);
            var (data, tag) = (plain.ToArray(), new byte[16]);
            new TrafficKeys(secret).Seal(header, data, tag);
            Assert.Equal(expected, data);
            Assert.Equal(expectedTag, tag);
            tag[length % 16] ^= (byte)(1 << (length % 8));
            Assert.False(new TrafficKeys(secret).Open(header, data, tag));
            tag[length % 16] ^= (byte)(1 << (length % 8));
            Assert.True(new TrafficKeys(secret).Open(header, data, tag));
            Assert.Equal(plain, data);
        }
    }

    // RFC 8439, A.3, vectors 7 to 11: where carries and the last reduction go wrong.
    [Theory]
    [InlineData("02000000000000000000000000000000", "00000000000000000000000000000000", "ffffffffffffffffffffffffffffffff", "03000000000000000000000000000000")]
    [InlineData("02000000000000000000000000000000", "ffffffffffffffffffffffffffffffff", "02000000000000000000000000000000", "03000000000000000000000000000000")]
    [InlineData(
        "01000000000000000000000000000000", "00000000000000000000000000000000",
        "fffffffffffffffffffffffffffffffff0ffffffffffffffffffffffffffffff11000000000000000000000000000000", "05000000000000000000000000000000")]
    [InlineData(
        "01000000000000000000000000000000", "00000000000000000000000000000000",
        "fffffffffffffffffffffffffffffffffbfefefefefefefefefefefefefefefe01010101010101010101010101010101", "00000000000000000000000000000000")]
    [InlineData("02000000000000000000000000000000", "00000000000000000000000000000000", "fdffffffffffffffffffffffffffffff", "faffffffffffffffffffffffffffffff")]
    public void The_authenticator_reduces_as_its_standard_says(string r, string s, string data, string tag)
    {
        var code = new Poly1305(Convert.FromHexString(r + s));
        code.AddPadded(Convert.FromHexString(data));
        var own = new byte[16];
        code.Finish(own);
        Assert.Equal(tag, Convert.ToHexStringLower(own));
    }
}
