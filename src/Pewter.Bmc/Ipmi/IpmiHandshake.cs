using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Pewter.Bmc.Ipmi;

/// <summary>
/// The beginning of a session (IPMI 2.0, 13.17 to 13.24): both ends agree on a suite, exchange random numbers, and prove to each other that
/// they know the password before anything is asked.
/// </summary>
internal sealed class IpmiHandshake(RmcpChannel channel, BmcAddress address, BmcCredentials credentials, BmcLimits limits)
{
    private const byte Administrator = 4;
    private const byte ByNameOnly = 0x10;
    private const byte Role = ByNameOnly | Administrator;
    private const int RandomBytes = 16;
    private const int GuidBytes = 16;
    private const int UserBytes = 16;
    private const int PasswordBytes = 20;

    private byte _tag;

    /// <summary>Agrees on keys. <see cref="BmcFault.Unsupported"/> when the controller lacks the suite.</summary>
    public async ValueTask<IpmiKeys> RunAsync(IpmiCipher cipher, CancellationToken cancellation)
    {
        var user = Encoding.ASCII.GetBytes(credentials.User);
        var password = Encoding.UTF8.GetBytes(credentials.Password);
        if (user.Length > UserBytes || password.Length > PasswordBytes)
            throw new BmcException(BmcFault.Denied, $"{address}: IPMI allows a user of {UserBytes} bytes and a password of {PasswordBytes} at most.");
        var consoleId = RandomNumberGenerator.GetBytes(4);
        var managedId = await OpenAsync(cipher, consoleId, cancellation);
        var ours = RandomNumberGenerator.GetBytes(RandomBytes);
        byte[] who = [Role, (byte)user.Length, .. user];

        var second = await AskAsync(
            IpmiPayload.Rakp1, [.. managedId, .. ours, Role, 0, 0, (byte)user.Length, .. user], IpmiPayload.Rakp2, cancellation);
        Demand(second.Length == 8 + RandomBytes + GuidBytes + cipher.HashBytes, "RAKP 2 of a wrong length");
        var (theirs, guid) = (second[8..24], second[24..40]);
        Prove(second.AsSpan(40), cipher.Hmac(password, consoleId, managedId, ours, theirs, guid, who));

        var session = cipher.Hmac(password, ours, theirs, who);
        var fourth = await AskAsync(
            IpmiPayload.Rakp3, [.. managedId, .. cipher.Hmac(password, theirs, consoleId, who)], IpmiPayload.Rakp4, cancellation);
        Demand(fourth.Length == 8 + cipher.IntegrityBytes, "RAKP 4 of a wrong length");
        Prove(fourth.AsSpan(8), cipher.Hmac(session, ours, managedId, guid).AsSpan(0, cipher.IntegrityBytes));
        return IpmiKeys.From(
            cipher, BinaryPrimitives.ReadUInt32LittleEndian(consoleId), BinaryPrimitives.ReadUInt32LittleEndian(managedId), session);
    }

    private async ValueTask<byte[]> OpenAsync(IpmiCipher cipher, byte[] consoleId, CancellationToken cancellation)
    {
        byte[] algorithms =
        [
            0, 0, 0, 8, cipher.Authentication, 0, 0, 0,
            1, 0, 0, 8, cipher.Integrity, 0, 0, 0,
            2, 0, 0, 8, IpmiCipher.Confidentiality, 0, 0, 0,
        ];
        var answer = await AskAsync(
            IpmiPayload.OpenSessionRequest, [.. consoleId, .. algorithms], IpmiPayload.OpenSessionResponse, cancellation, privilege: Administrator);
        Demand(answer.Length >= 36 && answer.AsSpan(4, 4).SequenceEqual(consoleId), "an open session response of another session");
        return answer[8..12];
    }

    /// <summary>Sends a message until its answer comes; the tag tells the answer from that of an earlier try.</summary>
    private async ValueTask<byte[]> AskAsync(
        IpmiPayload payload, byte[] body, IpmiPayload expected, CancellationToken cancellation, byte privilege = 0)
    {
        var tag = ++_tag;
        var packet = new RmcpPacket(payload, 0, 0, [tag, privilege, 0, 0, .. body]).Encode(null);
        for (var attempt = 0; attempt < limits.Tries; attempt++)
        {
            await channel.SendAsync(packet, cancellation);
            while (await channel.ReceiveAsync(null, limits.Answer, cancellation) is { } answer)
            {
                if (answer.Payload != expected || answer.Data.Length < 2 || answer.Data[0] != tag)
                    continue;
                return answer.Data[1] == 0 ? answer.Data : throw Refusal(answer.Data[1]);
            }
        }

        throw new BmcException(BmcFault.Silent, $"{address} does not answer. Is its LAN channel on, and RMCP+ (IPMI 2.0) with it?");
    }

    // Table 13-15.
    private BmcException Refusal(byte status) => status switch
    {
        0x01 => new(BmcFault.Refused, $"{address} has no session to spare; close others, or wait a minute until they time out."),
        0x04 or 0x05 or 0x10 or 0x11 => new(BmcFault.Unsupported, $"{address} does not speak the cipher suite."),
        0x09 or 0x0c or 0x0d => new(BmcFault.Denied, $"{address} does not let '{credentials.User}' in as an administrator (status 0x{status:x2})."),
        0x0f => new(BmcFault.Denied, $"{address}: the password of '{credentials.User}' is wrong."),
        _ => new(BmcFault.Refused, $"{address} refused the session with status 0x{status:x2}."),
    };

    private void Demand(bool condition, string what)
    {
        if (!condition)
            throw new BmcException(BmcFault.Broken, $"{address} sent {what}.");
    }

    private void Prove(ReadOnlySpan<byte> theirs, ReadOnlySpan<byte> expected)
    {
        if (!CryptographicOperations.FixedTimeEquals(theirs, expected))
            throw new BmcException(BmcFault.Denied, $"{address} and we do not have the same password for '{credentials.User}'.");
    }
}
