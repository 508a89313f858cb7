namespace Pewter.Blocks.Iscsi;

/// <summary>Lets a session begin, or refuses it with a <see cref="BlockException"/>.</summary>
/// <param name="initiator">The initiator's name.</param>
/// <param name="close">Ends the session; may be called from any thread and does not wait.</param>
public delegate IDisposable IscsiAdmission(string initiator, Action close);
