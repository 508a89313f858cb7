using System.Text.Json;
using Pewter.NineP.Serving;

namespace Pewter.Tree;

/// <summary>
/// The declaration of a kind of object: what is said about it, what it can be told, which files it has. A <see cref="Collection{T}"/> makes the
/// subtree from it. Immutable.
/// </summary>
/// <typeparam name="T">The service's own object; its state lives there, the tree only looks at it.</typeparam>
public sealed class ObjectKind<T>
    where T : class
{
    /// <summary>60 s: longer than any command that answers should take, short enough for a person to wait for the report.</summary>
    public static readonly TimeSpan DefaultCommandDeadline = TimeSpan.FromSeconds(60);

    /// <summary>10 s: long enough for a person's next line in a shell after <c>id=$(cat clone)</c>, short enough not to gather litter.</summary>
    public static readonly TimeSpan DefaultGrace = TimeSpan.FromSeconds(10);

    /// <summary>What ids begin with, before the number: <c>n</c> for <c>n12</c>; may be empty.</summary>
    public required string Prefix { get; init; }

    /// <summary>
    /// What <c>status</c>, <c>json</c> and queries say. The tree adds id, name, user, group and, from <see cref="States"/>, state.
    /// </summary>
    public required Fields<T> Fields { get; init; }

    /// <summary>The commands of an object's <c>ctl</c>. After each the collection takes note of what has changed by itself.</summary>
    public CommandSet<T> Commands { get; init; } = new();

    /// <summary>The states; null for objects that have none, and so no <c>wait</c>.</summary>
    public StateModel<T>? States { get; init; }

    /// <summary>Who an object belongs to; the daemon when null.</summary>
    public Func<T, Owner> Owner { get; init; } = _ => Tree.Owner.System;

    /// <summary>
    /// The mode of an object's directory; who may not read it sees neither its status nor its events in the collection. Others see nothing
    /// by default.
    /// </summary>
    public uint Mode { get; init; } = UnixMode.Octal(750);

    /// <summary>The mode of one object's directory where they differ, as public ones among private ones; null: <see cref="Mode"/>.</summary>
    public Func<T, uint>? ModeOf { get; init; }

    /// <summary>
    /// Adds an object's own files. Called whenever its directory is made again, so files only look at state that the object keeps.
    /// </summary>
    public Action<TreeDirectory, T>? Files { get; init; }

    /// <summary>What an object's name leads to: the same file each time. Null for a link to the object itself.</summary>
    public Func<T, ServedFile>? Named { get; init; }

    /// <summary>Files of the collection itself, beside those that every collection has.</summary>
    public IReadOnlyList<KeyValuePair<string, TreeFile>> CollectionFiles { get; init; } = [];

    /// <summary>Makes an object for an open of <c>clone</c>; null for a collection without one.</summary>
    public Func<NewObject, CancellationToken, ValueTask<T>>? Create { get; init; }

    /// <summary>Who may open <c>clone</c>: the permission bits of that file.</summary>
    public uint CloneMode { get; init; } = UnixMode.Octal(666);

    /// <summary>Who may write to the <c>ctl</c> of the collection itself: the permission bits of that file.</summary>
    public uint CollectionCtlMode { get; init; } = UnixMode.Octal(660);

    /// <summary>Whether something of a cloned object, such as its process, keeps it alive by itself.</summary>
    public Func<T, bool> IsBusy { get; init; } = _ => false;

    /// <summary>
    /// Told when <c>type persistent</c> or <c>type normal</c> was written, before the write returns, to keep it for a restart.
    /// </summary>
    public Func<T, bool, CancellationToken, ValueTask>? PersistenceChanged { get; init; }

    /// <summary>What the event of a new state says besides the state: what who follows would read next.</summary>
    public Action<Utf8JsonWriter, T>? StateDetails { get; init; }

    /// <summary>Releases what an object holds, before it is removed because nobody needs it.</summary>
    public Func<T, CancellationToken, ValueTask>? Reap { get; init; }

    /// <summary>How long a command to many objects waits for each of them before it reports ETIMEDOUT for it.</summary>
    public TimeSpan CommandDeadline { get; init; } = DefaultCommandDeadline;

    /// <summary>How long a cloned object without a fid and not busy stays.</summary>
    public TimeSpan Grace { get; init; } = DefaultGrace;
}
