namespace Pewter.Blocks.Iscsi;

/// <summary>Something an operator may want to know; never holds a secret.</summary>
/// <param name="Kind">What.</param>
/// <param name="Initiator">The initiator's name, as far as it said one.</param>
/// <param name="Target">The target's name.</param>
/// <param name="Message">The rest, for people.</param>
public sealed record IscsiEvent(IscsiEventKind Kind, string? Initiator, string? Target, string Message);
