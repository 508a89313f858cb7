namespace Pewter.Blocks.Layers.Files;

/// <summary>The directory of a store: a flat set of named files. Creations, renames and removals are durable after <see cref="Sync"/>.</summary>
internal abstract class StoreFiles : IDisposable
{
    public abstract bool Exists(string name);

    /// <summary>Opens a file; ENOENT when it is missing and <paramref name="create"/> is false.</summary>
    public abstract StoreFile Open(string name, bool create, bool writable);

    /// <summary>The path of a file that memory can be shared with; null where there is no such thing.</summary>
    public virtual string? SharedPath(string name) => null;

    /// <summary>Removes a file; a missing one is no failure.</summary>
    public abstract void Delete(string name);

    /// <summary>Renames a file over another.</summary>
    public abstract void Rename(string from, string to);

    public abstract IReadOnlyList<string> List();

    public abstract void Sync();

    public abstract void Dispose();
}
