using System.Text;

namespace Pewter.Tls;

/// <summary>The keys of a connection by a pre-shared key alone (RFC 8446, 7.1, with no (EC)DHE secret). Pure.</summary>
internal sealed class KeySchedule
{
    private static readonly byte[] Zeros = new byte[Sha256.Bytes];

    private readonly byte[] _early;
    private readonly byte[] _handshake;
    private readonly byte[] _master;

    public KeySchedule(ReadOnlySpan<byte> key)
    {
        _early = Sha256.Authenticate(Zeros, key);
        _handshake = Sha256.Authenticate(Derive(_early, "derived", []), Zeros);
        _master = Sha256.Authenticate(Derive(_handshake, "derived", []), Zeros);
    }

    /// <summary>Shows that who sends a first message, cut short before this, has the key (RFC 8446, 4.2.11.2).</summary>
    public byte[] Binder(ReadOnlySpan<byte> hello) => Finished(Derive(_early, "ext binder", []), hello);

    /// <summary>The keys of the rest of the handshake, from what both have said so far.</summary>
    public (TrafficKeys Client, TrafficKeys Server) Handshake(ReadOnlySpan<byte> transcript) => (
        new(Derive(_handshake, "c hs traffic", transcript)), new(Derive(_handshake, "s hs traffic", transcript)));

    /// <summary>The keys of the data, from all up to the server's last word.</summary>
    public (TrafficKeys Client, TrafficKeys Server) Data(ReadOnlySpan<byte> transcript) => (
        new(Derive(_master, "c ap traffic", transcript)), new(Derive(_master, "s ap traffic", transcript)));

    public static byte[] Finished(byte[] secret, ReadOnlySpan<byte> transcript) =>
        Sha256.Authenticate(ExpandLabel(secret, "finished", [], Sha256.Bytes), Sha256.Hash(transcript));

    public static byte[] ExpandLabel(ReadOnlySpan<byte> secret, string label, ReadOnlySpan<byte> context, int length)
    {
        var name = Encoding.ASCII.GetBytes("tls13 " + label);
        return Sha256.Expand(secret, [(byte)(length >> 8), (byte)length, (byte)name.Length, .. name, (byte)context.Length, .. context], length);
    }

    private static byte[] Derive(ReadOnlySpan<byte> secret, string label, ReadOnlySpan<byte> transcript) =>
        ExpandLabel(secret, label, Sha256.Hash(transcript), Sha256.Bytes);
}
