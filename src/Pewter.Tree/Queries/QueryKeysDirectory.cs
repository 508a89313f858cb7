using Pewter.NineP.Serving;

namespace Pewter.Tree;

/// <summary>A <c>query</c> directory: it lists the keys, each a directory of its values, and takes any condition as a name.</summary>
internal sealed class QueryKeysDirectory<T>(Collection<T> collection, IReadOnlyList<Predicate<TreeObject<T>>> conditions) : VirtualDirectory
    where T : class
{
    /// <summary>One condition more, or the values of a key; null when the name is neither.</summary>
    public static TreeFile? Narrow(
        TreeFile directory, Collection<T> collection, IReadOnlyList<Predicate<TreeObject<T>>> conditions, string name)
    {
        var fields = collection.JsonFields;
        TreeFile? found = null;
        if (QueryGrammar.TryParse(name, fields) is { } condition)
        {
            found = new QueryDirectory<T>(collection, And(conditions, condition));
        }
        else if (QueryGrammar.Key(Uri.UnescapeDataString(name), fields) is { } field)
        {
            found = new QueryValuesDirectory<T>(collection, conditions, field);
        }
        else if (collection.Tagged(Uri.UnescapeDataString(name)) is { } tags)
        {
            found = new QueryDirectory<T>(collection, And(conditions, QueryGrammar.IsOneOf(tags, name)));
        }

        found?.Place(directory, name);
        return found;
    }

    /// <summary>The conditions and one more.</summary>
    public static IReadOnlyList<Predicate<TreeObject<T>>> And(
        IReadOnlyList<Predicate<TreeObject<T>>> conditions, Predicate<TreeObject<T>> condition) =>
        conditions.Count < QueryGrammar.MaxConditions ? [.. conditions, condition] : throw QueryGrammar.TooLong();

    /// <inheritdoc/>
    protected override ValueTask<ServedFile?> FindAsync(string name, Caller caller, CancellationToken cancellation) =>
        new(Narrow(this, collection, conditions, name));

    /// <inheritdoc/>
    protected internal override ValueTask ListAsync(ulong cookie, DirectoryPage page, Caller caller, CancellationToken cancellation)
    {
        var keys = collection.JsonFields.All.Where(field => field.IsKey).ToList();
        NamesPage.Add(this, page, cookie, [.. keys.Select(field => field.Name)]);
        return ValueTask.CompletedTask;
    }
}
