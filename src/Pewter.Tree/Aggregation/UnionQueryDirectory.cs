using Pewter.NineP.Serving;

namespace Pewter.Tree;

/// <summary>
/// A directory below the <c>query</c> of a union: the same path below the <c>query</c> of every member that has it. A member without a
/// key or a tag has no match,
/// which is no failure; a name that none has is ENOENT.
/// </summary>
internal sealed class UnionQueryDirectory : VirtualDirectory
{
    private readonly Func<CancellationToken, Caller, ValueTask<IReadOnlyList<UnionMember>>> _members;
    private readonly UnionOptions _options;
    private readonly TimeProvider _time;
    private readonly FixedFiles _files;

    /// <summary>The <c>query</c> of a union.</summary>
    public UnionQueryDirectory(Func<IReadOnlyList<UnionMember>> members, UnionOptions options, TimeProvider time)
    {
        (_options, _time, _files) = (options, time, new(this));
        _members = async (cancellation, caller) => await UnionFiles.AssumeAsync(members(), "query", caller, cancellation)
            ?? await UnionFiles.WalkAsync(members(), "query", caller, options, time, cancellation);
    }

    // Below that: a query, or the values of a key.
    private UnionQueryDirectory(IReadOnlyList<UnionMember> found, bool isQuery, UnionOptions options, TimeProvider time)
    {
        (_options, _time, _files) = (options, time, new(this));
        _members = (_, _) => new(found);
        if (isQuery)
        {
            UnionFiles.Add(_files, () => found, options, time);
            _files.AddUnlisted("query", new UnionQueryDirectory(() => found, options, time));
        }
    }

    /// <inheritdoc/>
    protected override async ValueTask<ServedFile?> FindAsync(string name, Caller caller, CancellationToken cancellation)
    {
        if (_files.Find(name) is { } file)
        {
            return file;
        }

        var members = await _members(cancellation, caller);
        var at = name.LastIndexOf('@');
        if (at > 0 && members.FirstOrDefault(member => member.Label == name[(at + 1)..]) is { } owner
            && await owner.Directory.WalkAsync(name[..at], caller, cancellation) is { } theirs)
        {
            return await UnionListing.RelinkAsync(this, theirs, name, owner.Label, caller, cancellation);
        }

        if (QueryGrammar.IsCondition(name) && await UnionFiles.AssumeAsync(members, name, caller, cancellation) is { } assumed)
        {
            var query = new UnionQueryDirectory(assumed, isQuery: true, _options, _time);
            query.Place(this, name);
            return query;
        }

        return await ProbeAsync(members, name, caller, cancellation);
    }

    // What the name is has to be found out by asking: a tag, a key, an id, or a condition that is not known here.
    private async ValueTask<ServedFile?> ProbeAsync(
        IReadOnlyList<UnionMember> members, string name, Caller caller, CancellationToken cancellation)
    {
        var found = await UnionFiles.WalkAsync(members, name, caller, _options, _time, cancellation);
        if (found.Count == 0)
        {
            return null;
        }

        var status = await HaveAsync(found, "status");
        var query = await HaveAsync(found, "query");
        bool IsObject(UnionMember member) => Has(status, member, isDirectory: false) && !Has(query, member, isDirectory: true);
        if (found.FirstOrDefault(member => member.Label is null) is { } local && IsObject(local))
        {
            return local.Directory;
        }

        var rest = found.Where(member => !IsObject(member)).ToList();
        var directory = new UnionQueryDirectory(rest, rest.Exists(member => Has(status, member, isDirectory: false)), _options, _time);
        directory.Place(this, name);
        return rest.Count == 0 ? null : directory;

        ValueTask<IReadOnlyList<UnionMember>> HaveAsync(IReadOnlyList<UnionMember> where, string what) =>
            UnionFiles.WalkAsync(where, what, caller, _options, _time, cancellation, isStrict: false);
    }

    /// <inheritdoc/>
    protected override async ValueTask<OpenFile> OpenCoreAsync(OpenFlags flags, Caller caller, CancellationToken cancellation) =>
        new UnionListing(this, _files, await _members(cancellation, caller), caller, _options, _time);

    /// <inheritdoc/>
    protected internal override async ValueTask ListAsync(ulong cookie, DirectoryPage page, Caller caller, CancellationToken cancellation)
    {
        await using var listing = new UnionListing(this, _files, await _members(cancellation, caller), caller, _options, _time);
        await listing.ReadDirectoryAsync(cookie, page, cancellation);
    }

    // A query has a status that is a file and a query that is a directory; an object has no query; below a key every name is a directory.
    private static bool Has(IReadOnlyList<UnionMember> probed, UnionMember member, bool isDirectory) => probed.Any(
        other => other.Label == member.Label && other.Directory.Qid.Type.HasFlag(NineP.QidType.Directory) == isDirectory);
}
