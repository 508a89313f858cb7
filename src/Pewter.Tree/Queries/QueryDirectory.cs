using Pewter.NineP.Serving;

namespace Pewter.Tree;

/// <summary>
/// The objects for which all conditions of the path hold: a collection again, with <c>ctl status json events wait query</c>. Each open
/// takes the matches
/// of its moment and keeps to them.
/// </summary>
internal sealed class QueryDirectory<T> : VirtualDirectory
    where T : class
{
    private readonly Collection<T> _collection;
    private readonly IReadOnlyList<Predicate<TreeObject<T>>> _conditions;
    private readonly FixedFiles _files;

    public QueryDirectory(Collection<T> collection, IReadOnlyList<Predicate<TreeObject<T>>> conditions)
    {
        (_collection, _conditions, _files) = (collection, conditions, new(this));
        _files.Add("ctl", new CtlFile(new MatchRunner<T>(collection, Matches)) { Mode = UnixMode.Octal(666) });
        _files.Add("status", new StatusFile<T>(collection, Matches));
        _files.Add("json", new ObjectsJsonFile<T>(collection, Matches));
        _files.Add("events", new EventsFile(collection.Events, null, Membership));
        if (collection.Kind.States is not null)
        {
            _files.Add("wait", new WaitFile<T>(collection, Matches));
        }

        _files.AddUnlisted("query", new QueryKeysDirectory<T>(collection, conditions));
    }

    /// <inheritdoc/>
    protected override ValueTask<ServedFile?> FindAsync(string name, Caller caller, CancellationToken cancellation)
    {
        if (_files.Find(name) is { } file)
        {
            return new(file);
        }

        var target = _collection.Find(name);
        if (target is not null && target.Id == name)
        {
            return new(target.IsVisible(caller) && _collection.Holds(target, _conditions) ? target.Directory : null);
        }

        return new(QueryKeysDirectory<T>.Narrow(this, _collection, _conditions, name));
    }

    /// <inheritdoc/>
    protected override ValueTask<OpenFile> OpenCoreAsync(OpenFlags flags, Caller caller, CancellationToken cancellation) =>
        new(new MatchesOpen(this, Matches().VisibleTo(caller)));

    /// <inheritdoc/>
    protected internal override ValueTask ListAsync(ulong cookie, DirectoryPage page, Caller caller, CancellationToken cancellation)
    {
        List(cookie, page, Matches().VisibleTo(caller));
        return ValueTask.CompletedTask;
    }

    private IReadOnlyList<TreeObject<T>> Matches() => _collection.Match(_conditions);

    // An event belongs here when its object matched at the open, or matches when it is read.
    private Func<long, bool> Membership()
    {
        var atOpen = Matches().Select(target => target.Number).ToHashSet();
        return number => atOpen.Contains(number) || (_collection.Find(number) is { } target && _collection.Holds(target, _conditions));
    }

    private void List(ulong cookie, DirectoryPage page, IReadOnlyList<TreeObject<T>> matches)
    {
        if (cookie < FixedFiles.LastCookie && !_files.List(cookie, page))
        {
            return;
        }

        for (var i = ObjectCookies.FirstAfter(matches, cookie); i < matches.Count; i++)
        {
            if (!ObjectCookies.TryAddId(page, matches[i]))
            {
                return;
            }
        }
    }

    private sealed class MatchesOpen(QueryDirectory<T> directory, IReadOnlyList<TreeObject<T>> matches) : DirectoryOpen(directory)
    {
        public override ValueTask ReadDirectoryAsync(ulong cookie, DirectoryPage page, CancellationToken cancellation)
        {
            directory.List(cookie, page, matches);
            return ValueTask.CompletedTask;
        }
    }
}
