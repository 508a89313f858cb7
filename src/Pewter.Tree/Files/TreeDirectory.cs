using Pewter.NineP.Serving;

namespace Pewter.Tree;

/// <summary>
/// A directory of files that are added and removed: the static frame of a service's subtree, and small directories that change. Additions are
/// chained: <c>new TreeDirectory().Add("version", …).Add("ctl", …)</c>.
/// </summary>
/// <remarks>Safe to call from many threads; one lock, held for no longer than a lookup or a page.</remarks>
public class TreeDirectory : VirtualDirectory
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Entry> _byName = new(StringComparer.Ordinal);
    private readonly CookieList<Entry> _entries = new();
    private ulong _lastCookie;

    /// <summary>Adds a file and gives it its place. Throws <see cref="ArgumentException"/> when the name is taken or no file name.</summary>
    public TreeDirectory Add(string name, ServedFile file)
    {
        FileNames.Check(name);
        lock (_lock)
        {
            if (_byName.ContainsKey(name))
            {
                throw new ArgumentException($"{Path} has a file {name} already.", nameof(name));
            }

            var cookie = ++_lastCookie;
            (file as TreeFile)?.Place(this, name, (uint)cookie);
            var entry = new Entry(name, cookie, file);
            _byName.Add(name, entry);
            _entries.TryAdd(cookie, entry);
        }

        return this;
    }

    /// <summary>Removes a file; false when there is none. Fids on it stay valid.</summary>
    public bool Remove(string name)
    {
        lock (_lock)
        {
            return _byName.Remove(name, out var entry) && _entries.Remove(entry.Cookie) is not null;
        }
    }

    /// <inheritdoc/>
    protected override ValueTask<ServedFile?> FindAsync(string name, Caller caller, CancellationToken cancellation)
    {
        lock (_lock)
        {
            return new(_byName.TryGetValue(name, out var entry) ? entry.File : null);
        }
    }

    /// <inheritdoc/>
    protected internal override ValueTask ListAsync(
        ulong cookie, DirectoryPage page, Caller caller, CancellationToken cancellation)
    {
        lock (_lock)
        {
            foreach (var (next, entry) in _entries.After(cookie))
            {
                if (!page.TryAdd(entry.File.Qid, next, entry.Name))
                {
                    break;
                }
            }
        }

        return ValueTask.CompletedTask;
    }

    private sealed record Entry(string Name, ulong Cookie, ServedFile File);
}
