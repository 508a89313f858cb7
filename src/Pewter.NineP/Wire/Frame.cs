namespace Pewter.NineP.Wire;

/// <summary>A received frame without its size; <paramref name="Body"/> is borrowed from the receive buffer.</summary>
internal readonly record struct Frame(MessageType Type, ushort Tag, ReadOnlyMemory<byte> Body);
