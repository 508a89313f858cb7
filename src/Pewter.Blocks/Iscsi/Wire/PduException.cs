namespace Pewter.Blocks.Iscsi.Wire;

/// <summary>
/// The peer broke the protocol in a way that ends its connection (error recovery level 0, RFC 7143 7.1.4.3).
/// </summary>
internal sealed class PduException(string message) : Exception(message);
