using System.Security.Cryptography;
using System.Text;

namespace Pewter.Tls;

/// <summary>The kinds of handshake messages (RFC 8446, 4).</summary>
internal enum HandshakeType : byte
{
    ClientHello = 1,
    ServerHello = 2,
    NewSessionTicket = 4,
    EncryptedExtensions = 8,
    Finished = 20,
    KeyUpdate = 24,
}

/// <summary>
/// The messages of the one handshake that is spoken here: TLS_CHACHA20_POLY1305_SHA256 by a pre-shared key, without another exchange of keys
/// (RFC 8446, 4.1 and 4.2.11). Pure.
/// </summary>
internal static class HandshakeMessages
{
    private const ushort Legacy = 0x0303;
    private const ushort Version = 0x0304;
    private const ushort Suite = 0x1303;
    private const ushort SupportedVersions = 43;
    private const ushort KeyExchangeModes = 45;
    private const ushort PreSharedKey = 41;
    private const byte KeyAlone = 0;
    private const int RandomBytes = 32;

    // Length of the list, length of the one, the one.
    private const int BindersBytes = 2 + 1 + Sha256.Bytes;

    /// <summary>The bytes of a message after its head of four.</summary>
    public static byte[] Message(HandshakeType type, ReadOnlySpan<byte> body) =>
        [(byte)type, (byte)(body.Length >> 16), (byte)(body.Length >> 8), (byte)body.Length, .. body];

    public static byte[] ClientHello(string identity, KeySchedule keys)
    {
        var name = Encoding.UTF8.GetBytes(identity);
        byte[] identities = [.. Field(2, [.. Field(2, name), 0, 0, 0, 0])];
        byte[] extensions =
        [
            .. Extension(SupportedVersions, [2, .. Short(Version)]),
            .. Extension(KeyExchangeModes, [1, KeyAlone]),
            .. Extension(PreSharedKey, [.. identities, .. new byte[BindersBytes]]),
        ];
        byte[] body =
        [
            .. Short(Legacy), .. Fresh(), 0, .. Field(2, Short(Suite)), 1, 0, .. Field(2, extensions),
        ];
        var hello = Message(HandshakeType.ClientHello, body);
        byte[] binders = [.. Field(2, Field(1, keys.Binder(hello.AsSpan(0, hello.Length - BindersBytes))))];
        binders.CopyTo(hello.AsSpan(hello.Length - BindersBytes));
        return hello;
    }

    public static byte[] ServerHello(ReadOnlySpan<byte> session) => Message(
        HandshakeType.ServerHello,
        [
            .. Short(Legacy), .. Fresh(), .. Field(1, session), .. Short(Suite), 0,
            .. Field(2, [.. Extension(SupportedVersions, Short(Version)), .. Extension(PreSharedKey, [0, 0])]),
        ]);

    /// <summary>Checks that a server took the key.</summary>
    public static void ReadServerHello(ReadOnlySpan<byte> message)
    {
        var reader = new HandshakeReader(message[4..]);
        reader.Take(2 + RandomBytes);
        reader.Field(1);
        var (suite, _) = (reader.Short(), reader.Byte());
        var (version, taken) = (0, false);
        for (var extensions = new HandshakeReader(reader.Field(2)); !extensions.IsAtEnd;)
        {
            var type = extensions.Short();
            var data = new HandshakeReader(extensions.Field(2));
            version = type == SupportedVersions ? data.Short() : version;
            taken |= type == PreSharedKey && data.Short() == 0;
        }

        if (suite != Suite || version != Version || !taken)
        {
            throw new TlsException(TlsAlert.HandshakeFailure, "the server wants another version, cipher or way than a pre-shared key");
        }
    }

    /// <summary>Checks what a client offers: keys by the identity that it names first and proves; the session that it wants to see again.</summary>
    public static (KeySchedule Keys, byte[] Session) ReadClientHello(ReadOnlySpan<byte> message, Func<string, byte[]?> keyOf)
    {
        var reader = new HandshakeReader(message[4..]);
        reader.Take(2 + RandomBytes);
        var session = reader.Field(1).ToArray();
        var suites = reader.Field(2);
        reader.Field(1);
        var extensions = new HandshakeReader(reader.Field(2));
        var (fits, modes) = (false, false);
        while (!extensions.IsAtEnd)
        {
            var type = extensions.Short();
            var data = extensions.Field(2);
            fits |= type == SupportedVersions && HasShort(data[1..], Version);
            modes |= type == KeyExchangeModes && data[1..].Contains(KeyAlone);
            if (type != PreSharedKey)
            {
                continue;
            }

            if (!fits || !modes || !HasShort(suites, Suite))
            {
                break;
            }

            return (ReadKey(message, data, keyOf), session);
        }

        throw new TlsException(TlsAlert.HandshakeFailure, "the client offers no TLS 1.3 by a pre-shared key alone");
    }

    private static KeySchedule ReadKey(ReadOnlySpan<byte> message, ReadOnlySpan<byte> data, Func<string, byte[]?> keyOf)
    {
        var reader = new HandshakeReader(data);
        var identity = Encoding.UTF8.GetString(new HandshakeReader(reader.Field(2)).Field(2));
        var binders = reader.Left;
        var binder = new HandshakeReader(reader.Field(2)).Field(1);
        var keys = keyOf(identity) is { } key ? new KeySchedule(key)
            : throw new TlsException(TlsAlert.UnknownPskIdentity, $"nobody here is called '{identity}'");
        return CryptographicOperations.FixedTimeEquals(keys.Binder(message[..^binders]), binder) ? keys
            : throw new TlsException(TlsAlert.DecryptError, $"'{identity}' has another key");
    }

    // From the kernel: the system's own library would want OpenSSL, which a static program does not have.
    private static byte[] Fresh()
    {
        using var source = File.OpenHandle("/dev/urandom");
        var bytes = new byte[RandomBytes];
        for (var count = 0; count < bytes.Length;)
        {
            count += RandomAccess.Read(source, bytes.AsSpan(count), 0);
        }

        return bytes;
    }

    private static bool HasShort(ReadOnlySpan<byte> list, ushort value)
    {
        for (var reader = new HandshakeReader(list); reader.Left >= 2;)
        {
            if (reader.Short() == value)
            {
                return true;
            }
        }

        return false;
    }

    private static byte[] Short(ushort value) => [(byte)(value >> 8), (byte)value];

    private static byte[] Field(int lengthBytes, ReadOnlySpan<byte> data) => lengthBytes == 1
        ? [(byte)data.Length, .. data]
        : [.. Short((ushort)data.Length), .. data];

    private static byte[] Extension(ushort type, ReadOnlySpan<byte> data) => [.. Short(type), .. Field(2, data)];
}
