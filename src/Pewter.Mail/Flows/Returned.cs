namespace Pewter.Mail;

/// <summary>A message that its sender gets back.</summary>
/// <param name="Header">The header, turned around already.</param>
/// <param name="Body">The body.</param>
internal readonly record struct Returned(FrameHeader Header, byte[] Body);
