using System.Globalization;
using System.Text.Json;
using Pewter.NineP;
using Pewter.NineP.Serving;

namespace Pewter.Tree;

/// <summary>
/// A directory of objects of one kind, with <c>clone status json events ctl wait query/</c>, a directory for each object and a link
/// for each name.
/// The service adds, changes and removes objects; everything a door can see follows from the kind's declaration.
/// </summary>
/// <remarks>
/// Safe to call from many threads. One lock guards the lists and the indexes, never held while waiting. The service's objects stay the
/// service's: when it has changed one other than by a command it calls <see cref="Changed(long)"/>, which re-indexes it, tells who
/// waits, and logs the change of state.
/// </remarks>
/// <typeparam name="T">The service's object.</typeparam>
public sealed class Collection<T> : VirtualDirectory, IAsyncDisposable
    where T : class
{
    private readonly Lock _lock = new();
    private readonly FixedFiles _files;
    private readonly ObjectTable<T> _table;
    private long _lastNumber;

    /// <summary>Creates the collection.</summary>
    /// <param name="kind">The declaration.</param>
    /// <param name="time">The clock of events and graces.</param>
    /// <param name="commands">The commands of the collection's own <c>ctl</c>; null for none.</param>
    /// <param name="events">The log; a new one when null.</param>
    public Collection(ObjectKind<T> kind, TimeProvider time, CommandSet<Collection<T>>? commands = null, EventLog? events = null)
    {
        (Kind, Time) = (kind, time);
        Events = events ?? new EventLog(time);
        (JsonFields, StatusFields) = CollectionFields.For(kind);
        ObjectCommands = CollectionFields.Commands(kind);
        Lifetimes = new(this, time);
        _table = new(JsonFields);
        _files = new(this);
        if (kind.Create is not null)
        {
            _files.Add("clone", new CloneFile<T>(this));
        }

        _files.Add("ctl", new CtlFile(new TargetRunner<Collection<T>>(this, commands ?? new())) { Mode = kind.CollectionCtlMode });
        _files.Add("status", new StatusFile<T>(this, All));
        _files.Add("json", new ObjectsJsonFile<T>(this, All));
        _files.Add("events", new EventsFile(Events));
        if (kind.States is not null)
        {
            _files.Add("wait", new WaitFile<T>(this, All));
        }

        _files.Add("query", new QueryKeysDirectory<T>(this, []));
        foreach (var (name, file) in kind.CollectionFiles)
        {
            _files.Add(name, file);
        }
    }

    /// <summary>The declaration.</summary>
    public ObjectKind<T> Kind { get; }

    /// <summary>The log behind <c>events</c>.</summary>
    public EventLog Events { get; }

    /// <summary>
    /// The number of the last object ever made. A service keeps it with its objects and gives it back by <see cref="Continue"/>.
    /// </summary>
    public long LastNumber => Volatile.Read(ref _lastNumber);

    /// <summary>Objects there are.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _table.Count;
            }
        }
    }

    internal Fields<TreeObject<T>> JsonFields { get; }

    internal Fields<TreeObject<T>> StatusFields { get; }

    internal CommandSet<TreeObject<T>> ObjectCommands { get; }

    internal Lifetimes<T> Lifetimes { get; }

    internal TimeProvider Time { get; }

    /// <summary>Makes sure that new numbers are greater than one that was used in an earlier life.</summary>
    public void Continue(long lastNumber)
    {
        lock (_lock)
        {
            _lastNumber = Math.Max(_lastNumber, lastNumber);
        }
    }

    /// <summary>Takes the next number, for an object that the service makes itself and then adds.</summary>
    public NewObject Next(Caller caller)
    {
        lock (_lock)
        {
            var number = ++_lastNumber;
            return new(number, IdOf(number), Owner.Of(caller), caller);
        }
    }

    /// <summary>Adds an object under its number. It stays until it is removed, unless it is not persistent.</summary>
    /// <param name="number">A number from <see cref="Next"/>, or one of an earlier life.</param>
    /// <param name="item">The object.</param>
    /// <param name="name">A name to bind to it.</param>
    /// <param name="persistent">False when it lives as an object made by <c>clone</c> does.</param>
    /// <exception cref="FileException">EEXIST: the name is another object's.</exception>
    public TreeObject<T> Add(long number, T item, string? name = null, bool persistent = true)
    {
        var target = new TreeObject<T>(this, number, item) { IsPersistent = persistent, LastState = Kind.States?.Current(item) };
        lock (_lock)
        {
            CheckName(target, name);
            target.Name = name;
            if (!_table.TryAdd(target))
            {
                throw new ArgumentException($"{target.Path} is there already.", nameof(number));
            }

            _lastNumber = Math.Max(_lastNumber, number);
        }

        Append(target, "added");
        Lifetimes.Consider(target);
        return target;
    }

    /// <summary>Says that an object has changed: its indexes, its waiters and, when its state is another, its events follow.</summary>
    /// <returns>False when there is none of this number.</returns>
    public bool Changed(long number) => With(number, Changed);

    /// <summary>Removes an object; false when there is none. Who waits for it is told; its number is never used again.</summary>
    public bool Remove(long number) => With(number, target => Remove(target));

    /// <summary>
    /// Binds a name to an object, or none; false when there is no such object. EEXIST when the name is another object's, EINVAL when
    /// it cannot be one.
    /// </summary>
    public bool Rename(long number, string? name) => With(number, target => Rename(target, name));

    /// <summary>
    /// Adds an event about an object: its path, and the members that the delegate writes; false when there is no such object. Who may
    /// not see the
    /// object does not see the event.
    /// </summary>
    public bool Append(long number, string name, Action<Utf8JsonWriter>? members = null) =>
        With(number, target => Append(target, name, members));

    internal void Changed(TreeObject<T> target)
    {
        string? was;
        string? state;
        lock (_lock)
        {
            (was, state) = (target.LastState, Kind.States?.Current(target.Item));
            target.LastState = state;
            if (!target.IsRemoved)
            {
                _table.Reindex(target);
            }
        }

        target.WatchIfAny?.Observe();
        if (state != was)
        {
            Append(target, "state", json =>
            {
                json.WriteString("state", state);
                json.WriteString("was", was);
                Kind.StateDetails?.Invoke(json, target.Item);
            });
        }

        Lifetimes.Consider(target);
    }

    internal void Remove(TreeObject<T> target)
    {
        lock (_lock)
        {
            if (!_table.Remove(target))
            {
                return;
            }

            target.IsRemoved = true;
        }

        target.WatchIfAny?.Observe();
        Append(target, "removed");
        Lifetimes.Consider(target);
    }

    internal void Rename(TreeObject<T> target, string? name)
    {
        lock (_lock)
        {
            CheckName(target, name);
            _table.Rename(target, name);
        }

        Append(target, "renamed", json => json.WriteString("name", name));
    }

    internal long Append(TreeObject<T> target, string name, Action<Utf8JsonWriter>? members = null) =>
        Events.Append(name, new(target.Number, target.Owner, target.Mode), json =>
        {
            json.WriteString("path", target.Path);
            members?.Invoke(json);
        });

    /// <summary>Finds an object by id or name; null when there is none.</summary>
    public TreeObject<T>? Find(string idOrName)
    {
        lock (_lock)
        {
            return TryNumber(idOrName, out var number) ? _table.Find(number) : _table.Find(idOrName);
        }
    }

    /// <summary>Finds an object by number; null when there is none.</summary>
    public TreeObject<T>? Find(long number)
    {
        lock (_lock)
        {
            return _table.Find(number);
        }
    }

    /// <summary>All objects, in the order of their numbers.</summary>
    public IReadOnlyList<TreeObject<T>> All()
    {
        lock (_lock)
        {
            return [.. _table.After(0)];
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Lifetimes.DisposeAsync();

    /// <inheritdoc/>
    protected internal override ValueTask ListAsync(ulong cookie, DirectoryPage page, Caller caller, CancellationToken cancellation)
    {
        if (cookie < FixedFiles.LastCookie && !_files.List(cookie, page))
        {
            return ValueTask.CompletedTask;
        }

        lock (_lock)
        {
            foreach (var target in _table.After(ObjectCookies.NumberBefore(cookie)))
            {
                if (target.IsVisible(caller) && !ObjectCookies.TryAdd(page, cookie, target))
                {
                    break;
                }
            }
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    protected override ValueTask<ServedFile?> FindAsync(string name, Caller caller, CancellationToken cancellation)
    {
        if (_files.Find(name) is { } file)
        {
            return new(file);
        }

        return new(Find(name) is not { } target ? null : target.Name != name ? target.Directory
            : Kind.Named is { } named ? named(target.Item) : target.Link(this));
    }

    internal string IdOf(long number) => Kind.Prefix + number.ToString(CultureInfo.InvariantCulture);

    /// <summary>Makes an object for an open of <c>clone</c>.</summary>
    internal async ValueTask<TreeObject<T>> CreateAsync(Caller caller, CancellationToken cancellation)
    {
        var next = Next(caller);
        return Add(next.Number, await Kind.Create!(next, cancellation), persistent: false);
    }

    /// <summary>The objects for which all predicates hold now.</summary>
    internal IReadOnlyList<TreeObject<T>> Match(IReadOnlyList<Predicate<TreeObject<T>>> predicates)
    {
        lock (_lock)
        {
            return _table.Match(predicates);
        }
    }

    /// <summary>Whether all predicates hold for an object now.</summary>
    internal bool Holds(TreeObject<T> target, IReadOnlyList<Predicate<TreeObject<T>>> predicates)
    {
        var scratch = new List<FieldValue>();
        lock (_lock)
        {
            return !target.IsRemoved && predicates.All(predicate => predicate.Holds(target, scratch));
        }
    }

    /// <summary>The field of tags in which some object has this one; null when no object has it.</summary>
    internal Field<TreeObject<T>>? Tagged(string tag)
    {
        lock (_lock)
        {
            return JsonFields.All.FirstOrDefault(field => field.IsTags && _table.Has(field, new(tag, 0)));
        }
    }

    /// <summary>The values of a field, at most so many.</summary>
    internal IReadOnlyList<FieldValue> Values(Field<TreeObject<T>> field, int most)
    {
        lock (_lock)
        {
            return _table.Values(field, most);
        }
    }

    private bool With(long number, Action<TreeObject<T>> act)
    {
        if (Find(number) is not { } target)
        {
            return false;
        }

        act(target);
        return true;
    }

    private void CheckName(TreeObject<T> target, string? name)
    {
        if (name is null)
        {
            return;
        }

        if (!FileNames.IsValid(name) || name.Contains('=', StringComparison.Ordinal) || _files.Find(name) is not null || TryNumber(name, out _))
        {
            throw new FileException(Errno.EINVAL, $"'{name}' cannot be a name in {Path}.");
        }

        if (_table.Find(name) is { } other && other != target)
        {
            throw new FileException(Errno.EEXIST, $"{Path}/{name} is the name of {other.Id} already.");
        }
    }

    // Only the id as it is written counts: n07 is not n7.
    private bool TryNumber(string id, out long number)
    {
        number = 0;
        return id.StartsWith(Kind.Prefix, StringComparison.Ordinal)
            && long.TryParse(id.AsSpan(Kind.Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out number)
            && IdOf(number) == id;
    }
}
