using Pewter.NineP.Serving;

namespace Pewter.Tree;

/// <summary><c>query/key/</c>: the values that objects have, each a directory of the objects that have it.</summary>
internal sealed class QueryValuesDirectory<T>(
    Collection<T> collection, IReadOnlyList<Predicate<TreeObject<T>>> conditions, Field<TreeObject<T>> field) : VirtualDirectory
    where T : class
{
    /// <summary>As many as a person may still look at; the others can be walked to all the same.</summary>
    private const int MostListed = 10_000;

    /// <inheritdoc/>
    protected override ValueTask<ServedFile?> FindAsync(string name, Caller caller, CancellationToken cancellation)
    {
        var narrowed = QueryKeysDirectory<T>.And(conditions, QueryGrammar.IsOneOf(field, name));
        if (!collection.Match(narrowed).Any(target => target.IsVisible(caller)))
        {
            return new((ServedFile?)null);
        }

        var found = new QueryDirectory<T>(collection, narrowed);
        found.Place(this, name);
        return new(found);
    }

    /// <inheritdoc/>
    protected override ValueTask<OpenFile> OpenCoreAsync(OpenFlags flags, Caller caller, CancellationToken cancellation) =>
        new(new ValuesOpen(this, Names(caller)));

    /// <inheritdoc/>
    protected internal override ValueTask ListAsync(ulong cookie, DirectoryPage page, Caller caller, CancellationToken cancellation)
    {
        NamesPage.Add(this, page, cookie, Names(caller));
        return ValueTask.CompletedTask;
    }

    // What others have is nobody's business, so only an administrator is answered from the index alone.
    private List<string> Names(Caller caller)
    {
        var values = caller.IsAdmin && conditions.Count == 0
            ? collection.Values(field, MostListed)
            : Collect(collection.Match(conditions).VisibleTo(caller));
        return [.. values.Select(value => QueryGrammar.Encode(field.Format(value))).Where(FileNames.IsValid)];
    }

    private IReadOnlyList<FieldValue> Collect(IReadOnlyList<TreeObject<T>> objects)
    {
        var (values, found) = (new List<FieldValue>(), new SortedSet<FieldValue>());
        foreach (var target in objects)
        {
            values.Clear();
            field.Collect(target, values);
            found.UnionWith(values);
        }

        return [.. found.Take(MostListed)];
    }

    private sealed class ValuesOpen(QueryValuesDirectory<T> directory, List<string> names) : DirectoryOpen(directory)
    {
        public override ValueTask ReadDirectoryAsync(ulong cookie, DirectoryPage page, CancellationToken cancellation)
        {
            NamesPage.Add(directory, page, cookie, names);
            return ValueTask.CompletedTask;
        }
    }
}
