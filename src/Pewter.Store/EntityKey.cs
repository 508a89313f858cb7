namespace Pewter.Store;

/// <summary>The name of an entity: its kind (<c>node</c>, <c>disk</c>) and its id within the kind.</summary>
/// <param name="Kind">1 to 255 characters, none of them a control character; a leading <c>$</c> is the store's own.</param>
/// <param name="Id">1 to 255 characters, none of them a control character. Ids sort by their UTF-8 bytes.</param>
public readonly record struct EntityKey(string Kind, string Id)
{
    internal const int MaxLength = 255;

    /// <inheritdoc/>
    public override string ToString() => $"{Kind}/{Id}";

    /// <summary>Refuses what not every backend can hold: PostgreSQL knows no NUL, UTF-8 no lone surrogate.</summary>
    internal static void CheckName(string name, string parameter)
    {
        ArgumentException.ThrowIfNullOrEmpty(name, parameter);
        if (name.Length > MaxLength)
            throw new ArgumentException($"A name may have {MaxLength} characters; this one has {name.Length}.", parameter);
        foreach (var rune in name.EnumerateRunes())
            if (rune.Value < ' ' || rune.Value == 0x7f || rune.Value == 0xfffd)
                throw new ArgumentException("A name may hold no control character and no broken UTF-16.", parameter);
    }

    internal static void CheckUserKind(string kind, string parameter)
    {
        CheckName(kind, parameter);
        if (kind[0] == '$')
            throw new ArgumentException("Kinds that begin with '$' belong to the store itself.", parameter);
    }
}
