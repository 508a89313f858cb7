namespace Pewter.Tree;

/// <summary>What an event is about and who may see it.</summary>
/// <param name="Subject">The object's number; 0 when it is about no object.</param>
/// <param name="Owner">The owner of the object; null when everyone may see it.</param>
/// <param name="Mode">The mode of the object's directory: who may read that may see the event.</param>
internal readonly record struct EventScope(long Subject, Owner? Owner, uint Mode);
