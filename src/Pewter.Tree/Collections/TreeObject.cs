using Pewter.NineP.Serving;

namespace Pewter.Tree;

/// <summary>
/// An object's place in its collection. Small, because there may be a million: whatever is needed only while somebody looks (directory,
/// waiters, timer) is made then.
/// </summary>
/// <remarks>The collection owns it; its lock guards every field that changes.</remarks>
/// <typeparam name="T">The service's object.</typeparam>
public sealed class TreeObject<T> : IHold
    where T : class
{
    private WeakReference<ObjectDirectory<T>>? _directory;
    private Watch<T>? _watch;

    internal TreeObject(Collection<T> collection, long number, T item) => (Collection, Number, Item) = (collection, number, item);

    /// <summary>The service's object.</summary>
    public T Item { get; }

    /// <summary>The number; grows from object to object and is never used again.</summary>
    public long Number { get; }

    /// <summary>The id, which is the name of its directory.</summary>
    public string Id => Collection.IdOf(Number);

    /// <summary>The name that is bound to it; null when there is none.</summary>
    public string? Name { get; internal set; }

    /// <summary>Who it belongs to.</summary>
    public Owner Owner => Collection.Kind.Owner(Item);

    /// <summary>The mode of its directory.</summary>
    public uint Mode => Collection.Kind.ModeOf?.Invoke(Item) ?? Collection.Kind.Mode;

    /// <summary>The path of its directory.</summary>
    public string Path => Collection.Path + "/" + Id;

    /// <summary>Whether it stays without a fid and without being busy.</summary>
    public bool IsPersistent { get; internal set; }

    internal Collection<T> Collection { get; }

    /// <summary>Whether the caller may see it.</summary>
    internal bool IsVisible(Caller caller) => AccessPolicy.Allows(caller, Owner, Mode, AccessRights.Read);

    internal int Slot { get; set; } = -1;

    internal int Holders { get; set; }

    internal bool IsRemoved { get; set; }

    internal string? LastState { get; set; }

    internal ITimer? Grace { get; set; }

    /// <summary>Who waits for its states, while somebody does.</summary>
    internal Watch<T> Watch =>
        _watch ?? Interlocked.CompareExchange(ref _watch, new Watch<T>(this), null) ?? _watch;

    /// <summary>The same, without making it.</summary>
    internal Watch<T>? WatchIfAny => Volatile.Read(ref _watch);

    /// <summary>Its directory, made when somebody walks there. Two made at once are the same file: same qid, same state behind.</summary>
    internal ObjectDirectory<T> Directory
    {
        get
        {
            if (_directory?.TryGetTarget(out var directory) != true || directory is null)
            {
                directory = new ObjectDirectory<T>(this);
                _directory = new(directory);
            }

            return directory;
        }
    }

    /// <summary>The link from its name to its id.</summary>
    internal SymlinkFile Link(TreeFile directory)
    {
        var link = new SymlinkFile(Id) { OwnedBy = Owner };
        link.Place(directory, Name!, (uint)Number);
        return link;
    }

    /// <inheritdoc/>
    void IHold.Acquire() => Collection.Lifetimes.Acquire(this);

    /// <inheritdoc/>
    void IHold.Release() => Collection.Lifetimes.Release(this);
}
