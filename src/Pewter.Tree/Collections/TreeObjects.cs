using Pewter.NineP.Serving;

namespace Pewter.Tree;

/// <summary>Lists of objects as a caller sees them.</summary>
internal static class TreeObjects
{
    /// <summary>Those of the objects that the caller may see.</summary>
    public static IReadOnlyList<TreeObject<T>> VisibleTo<T>(this IReadOnlyList<TreeObject<T>> objects, Caller caller)
        where T : class =>
        caller.IsAdmin ? objects : [.. objects.Where(target => target.IsVisible(caller))];
}
