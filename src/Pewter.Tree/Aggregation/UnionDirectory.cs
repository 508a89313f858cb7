using Pewter.NineP.Serving;

namespace Pewter.Tree;

/// <summary>
/// Several collections as one: the local one and those of peers. Its files fold the members' files, each within a deadline; a local
/// object is found by its
/// id, a peer's by <c>id@peer</c>; <c>query/</c> asks all. Members come and go while it is used.
/// </summary>
/// <remarks>Safe to call from many threads; readers see the members of the moment they began.</remarks>
public sealed class UnionDirectory : VirtualDirectory
{
    private readonly Lock _lock = new();
    private readonly UnionOptions _options;
    private readonly TimeProvider _time;
    private readonly FixedFiles _files;
    private volatile IReadOnlyList<UnionMember> _members = [];

    /// <summary>Creates the union, without members.</summary>
    public UnionDirectory(TimeProvider time, UnionOptions? options = null)
    {
        (_time, _options, _files) = (time, options ?? new(), new(this));
        UnionFiles.Add(_files, () => _members, _options, time);
        _files.Add("query", new UnionQueryDirectory(() => _members, _options, time));
    }

    /// <summary>The members there are.</summary>
    public IReadOnlyList<UnionMember> Members => _members;

    /// <summary>Adds a member, or replaces that of the same label.</summary>
    public UnionDirectory Set(UnionMember member)
    {
        if (member.Label is null)
        {
            (member.Directory as TreeFile)?.StandFor(this);
        }

        lock (_lock)
        {
            var at = _members.ToList().FindIndex(other => other.Label == member.Label);
            _members = at < 0 ? [.. _members, member] : [.. _members.Take(at), member, .. _members.Skip(at + 1)];
        }

        return this;
    }

    /// <summary>Removes a member; false when there is none of this label.</summary>
    public bool Remove(string? label)
    {
        lock (_lock)
        {
            var before = _members.Count;
            _members = [.. _members.Where(member => member.Label != label)];
            return _members.Count < before;
        }
    }

    /// <inheritdoc/>
    protected override async ValueTask<ServedFile?> FindAsync(string name, Caller caller, CancellationToken cancellation)
    {
        if (_files.Find(name) is { } file)
        {
            return file;
        }

        var at = name.LastIndexOf('@');
        var label = at > 0 ? name[(at + 1)..] : null;
        var member = _members.FirstOrDefault(member => member.Label == label && label is not null);
        var (inner, from) = member is null ? (name, _members.FirstOrDefault(other => other.Label is null)) : (name[..at], member);
        if (from is null)
        {
            return null;
        }

        var outcome = await FanOut.OneAsync(
            from, (_, stop) => from.Directory.WalkAsync(inner, caller, stop), _options.DeadlineOf(from), _time, cancellation);
        return outcome.Failure is not null ? throw outcome.Failure
            : await UnionListing.RelinkAsync(this, outcome.Value, name, label, caller, cancellation);
    }

    /// <inheritdoc/>
    protected override ValueTask<OpenFile> OpenCoreAsync(OpenFlags flags, Caller caller, CancellationToken cancellation) =>
        new(new UnionListing(this, _files, _members, caller, _options, _time));

    /// <inheritdoc/>
    protected internal override async ValueTask ListAsync(ulong cookie, DirectoryPage page, Caller caller, CancellationToken cancellation)
    {
        await using var listing = new UnionListing(this, _files, _members, caller, _options, _time);
        await listing.ReadDirectoryAsync(cookie, page, cancellation);
    }
}
