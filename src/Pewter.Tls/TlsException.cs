namespace Pewter.Tls;

/// <summary>The alerts that are told to a peer (RFC 8446, 6).</summary>
internal enum TlsAlert : byte
{
    CloseNotify = 0,
    UnexpectedMessage = 10,
    BadRecordMac = 20,
    HandshakeFailure = 40,
    DecodeError = 50,
    DecryptError = 51,
    ProtocolVersion = 70,
    UnknownPskIdentity = 115,
}

/// <summary>A connection that is not, or no longer, one of TLS with a peer that has the key.</summary>
public sealed class TlsException : IOException
{
    internal TlsException(TlsAlert alert, string sentence)
        : base($"TLS: {sentence}.") => Alert = alert;

    internal TlsAlert Alert { get; }
}
