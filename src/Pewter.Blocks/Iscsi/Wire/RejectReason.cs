namespace Pewter.Blocks.Iscsi.Wire;

/// <summary>RFC 7143 11.17.1.</summary>
internal enum RejectReason : byte
{
    DataDigestError = 0x02,
    SnackRejected = 0x03,
    ProtocolError = 0x04,
    CommandNotSupported = 0x05,
    TooManyImmediateCommands = 0x06,
    TaskInProgress = 0x07,
    InvalidPduField = 0x09,
}
