namespace Pewter.NineP.Wire;

/// <summary>The peer broke the protocol; its connection is closed and nothing else suffers.</summary>
internal sealed class ProtocolException(string message) : Exception(message);
