using Pewter.NineP.Serving;

namespace Pewter.Tree;

/// <summary>What is known of an object before it is made.</summary>
/// <param name="Number">Its number, used by no object before.</param>
/// <param name="Id">Its id: the prefix of its kind and the number.</param>
/// <param name="Owner">Who it will belong to.</param>
/// <param name="Caller">Who asks for it.</param>
public sealed record NewObject(long Number, string Id, Owner Owner, Caller Caller);
